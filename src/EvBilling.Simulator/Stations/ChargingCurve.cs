namespace EvBilling.Simulator;

/// <summary>What a battery takes by its state of charge: all it can up to the knee, then less and less, in a straight line to a sixth when full.</summary>
internal readonly struct ChargingCurve(int peakW, int kneePerMille)
{
    private const int Full = 1_000;
    private const int ShareAtFullPerMille = 167;

    /// <summary>The power the battery takes, W; always above 0.</summary>
    public int PowerW(int chargePerMille)
    {
        if (chargePerMille <= kneePerMille)
        {
            return peakW;
        }

        int pastKnee = Math.Min(chargePerMille, Full) - kneePerMille;
        int sharePerMille = Full - ((Full - ShareAtFullPerMille) * pastKnee / (Full - kneePerMille));
        return peakW / Full * sharePerMille;
    }
}
