namespace EvBilling.Tariffs;

/// <summary>What a price component charges for (OCPI 2.2.1 mod_tariffs 1.4.6, TariffDimensionType). The numbers are used as indexes.</summary>
public enum TariffDimension
{
    /// <summary>Price per kWh, step_size in Wh.</summary>
    Energy,

    /// <summary>Price per hour charging, step_size in seconds.</summary>
    Time,

    /// <summary>Price per hour connected and not charging, step_size in seconds.</summary>
    ParkingTime,

    /// <summary>Price per session, without step_size.</summary>
    Flat,
}

/// <summary>The names of OCPI's dimensions.</summary>
public static class TariffDimensions
{
    internal const int Count = 4;

    private static readonly string[] Names = ["ENERGY", "TIME", "PARKING_TIME", "FLAT"];

    /// <summary>OCPI's name, "PARKING_TIME".</summary>
    public static string OcpiName(this TariffDimension dimension) => Names[(int)dimension];

    /// <summary>Reads OCPI's name, in capital or small letters.</summary>
    public static bool TryParse(string? name, out TariffDimension dimension)
    {
        var index = Array.FindIndex(Names, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        dimension = (TariffDimension)Math.Max(0, index);
        return index >= 0;
    }
}
