namespace EvBilling.Simulator;

/// <summary>How faithfully a fleet's events reach their reader.</summary>
public enum FaultProfile
{
    /// <summary>Every event arrives once, at once and in order of time.</summary>
    None = 0,

    /// <summary>What the field does: duplicates, reordering, outages, lost events, meters that restart. The rates are in <see cref="FaultRates"/>.</summary>
    Field = 1,
}
