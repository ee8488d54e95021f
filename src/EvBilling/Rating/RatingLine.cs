namespace EvBilling.Rating;

/// <summary>What one price component billed over a run of periods, as integers.</summary>
internal struct RatingLine
{
    /// <summary>The dimension, and with it the candidate that priced it.</summary>
    public int Dimension;

    /// <summary>Index of the first period.</summary>
    public int FirstPeriod;

    /// <summary>Index after the last period.</summary>
    public int EndPeriod;

    /// <summary>Volume of the periods in mWh, nanoseconds or sessions.</summary>
    public long Measured;

    /// <summary>The volume with what step_size added to it.</summary>
    public long Billed;
}
