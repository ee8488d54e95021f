using EvBilling.Engine;

namespace EvBilling.Spark;

/// <summary>Tariffs, locations and options of the store, once for all partitions of a process, read anew now and then. Threads may share it.</summary>
internal sealed class SharedBilling(KernelConfiguration configuration, TimeProvider time)
{
    private readonly Lock _reading = new();
    private StoredBilling? _billing;
    private long _readAt;

    public StoredBilling Newest(IBillStore store)
    {
        lock (_reading)
        {
            if (_billing is null || time.GetElapsedTime(_readAt) >= TimeSpan.FromSeconds(configuration.RefreshSeconds))
            {
                _readAt = time.GetTimestamp();
                _billing = new StoredBilling(store, store.ReadOptions());
            }
            return _billing;
        }
    }
}
