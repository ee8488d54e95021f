namespace EvBilling.Simulator;

/// <summary>A connector's facts in OCPI 2.2.1 terms, and the tariff that fits it.</summary>
internal sealed record ConnectorType(
    string TariffId, string Standard, string Format, string PowerType, int MaxVoltageV, int MaxAmperageA, int MaxPowerW)
{
    public static readonly ConnectorType Ac = new("EVB-AC", "IEC_62196_T2", "SOCKET", "AC_1_PHASE", 230, 32, 7_200);
    public static readonly ConnectorType Dc50 = new("EVB-DC50", "IEC_62196_T2_COMBO", "CABLE", "DC", 500, 125, 50_000);
    public static readonly ConnectorType Dc150 = new("EVB-DC150", "IEC_62196_T2_COMBO", "CABLE", "DC", 920, 400, 150_000);
    public static readonly ConnectorType Dc300 = new("EVB-DC300", "IEC_62196_T2_COMBO", "CABLE", "DC", 920, 500, 300_000);

    public bool IsDc => PowerType == "DC";

    /// <summary>What a car can draw at most: below the rating, so that a reading cut to whole Wh never shows more than the rating allows.</summary>
    public int UsablePowerW => MaxPowerW / 100 * 98;
}
