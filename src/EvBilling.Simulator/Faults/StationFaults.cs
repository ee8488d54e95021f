namespace EvBilling.Simulator;

/// <summary>
/// What a station's faults remember: their own stream, so that the same sessions happen with faults and without, and what is planned for the session.
/// </summary>
internal struct StationFaults(ulong seed)
{
    public SplitMix64 Random = new(seed);

    /// <summary>The fault drawn for the running session; None = none.</summary>
    public SessionFaults Planned;

    /// <summary>The first sequence number that the planned fault may meet.</summary>
    public int FromSequence;

    /// <summary>The end of the station's last outage, Unix seconds.</summary>
    public long OfflineUntilUnixS;

    /// <summary>All faults that met the running session.</summary>
    public SessionFaults Met;
}
