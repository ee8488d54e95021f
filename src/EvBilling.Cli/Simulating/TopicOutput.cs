using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Producing;
using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>A topic: the key is the session_id, the value the event.</summary>
internal sealed class TopicOutput(KafkaTarget target, KafkaSettings settings, CancellationToken stop) : IEventOutput
{
    // The program ends within 5 s of a signal; what else is to be done then has the rest.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FlushStep = TimeSpan.FromSeconds(1);

    private readonly TopicWriter _writer = new(target, settings);

    public long Events => _writer.Acknowledged;

    public void Write(in SimulatedEvent simulated) => _writer.Write(simulated.SessionId, simulated.Json, stop);

    /// <summary>As <see cref="TopicWriter.Mark"/>.</summary>
    public WriteMark Mark() => _writer.Mark();

    /// <summary>As <see cref="TopicWriter.ThrowIfRefused"/>.</summary>
    public void ThrowIfRefused() => _writer.ThrowIfRefused();

    public void Idle(Instant reached) => ThrowIfRefused();

    public void Finish(bool isStopped)
    {
        var isDone = false;
        while (!isDone && !stop.IsCancellationRequested)
        {
            isDone = _writer.Flush(FlushStep, stop);
        }
        if (!isDone && !_writer.Flush(StopPatience, CancellationToken.None))
        {
            throw new EventLogException(
                $"{target}: of {_writer.Written:N0} events the broker has acknowledged {_writer.Acknowledged:N0} only; whether it has the others is not known. "
                + (_writer.Trouble is { } trouble ? $"The last that went wrong: {trouble}" : "Start again when it answers."));
        }
    }

    public void Dispose() => _writer.Dispose();
}
