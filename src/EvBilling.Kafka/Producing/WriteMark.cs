using Confluent.Kafka;

namespace EvBilling.Kafka.Producing;

/// <summary>
/// Stands behind some records of a <see cref="TopicWriter"/>. Acknowledgements come per partition, so that a count of them says nothing about which are meant: each
/// mark counts those of its own.
/// </summary>
public sealed class WriteMark
{
    // One for being open, so that it is not done before all of its records are there.
    private int _outstanding = 1;
    private WriteMark? _before;
    private bool _refused;

    internal WriteMark(Action<Error> settle, WriteMark? before)
    {
        _before = before;
        Handler = report =>
        {
            settle(report.Error);
            if (report.Error.IsError)
            {
                Volatile.Write(ref _refused, true);
            }
            Remove();
        };
    }

    /// <summary>Whether all records before this mark are acknowledged; never if one was refused.</summary>
    public bool IsAcknowledged
    {
        get
        {
            if (_before is { } before)
            {
                if (!before.IsAcknowledged)
                {
                    return false;
                }
                _before = null;
            }
            return Volatile.Read(ref _outstanding) == 0 && !Volatile.Read(ref _refused);
        }
    }

    /// <summary>Made once for all records of the mark.</summary>
    internal Action<DeliveryReport<byte[], byte[]>> Handler { get; }

    internal void Add() => Interlocked.Increment(ref _outstanding);

    internal void Remove() => Interlocked.Decrement(ref _outstanding);

    internal void Close() => Remove();
}
