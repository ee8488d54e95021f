namespace EvBilling.Simulator;

/// <summary>A town with its country. Coordinates in millionths of a degree; the standard offset from UTC in hours, without summer time.</summary>
internal sealed record Place(
    string City, string CountryCode, string Country, string TimeZone, int StandardOffsetH, int LatitudeMicroDegrees, int LongitudeMicroDegrees)
{
    // All pay in euros, so one tariff a kind fits every site; Ireland keeps another clock than the rest.
    public static readonly Place[] All =
    [
        new("Utrecht", "NL", "NLD", "Europe/Amsterdam", 1, 52_090_700, 5_121_400),
        new("Eindhoven", "NL", "NLD", "Europe/Amsterdam", 1, 51_441_600, 5_469_700),
        new("Zwolle", "NL", "NLD", "Europe/Amsterdam", 1, 52_516_800, 6_083_000),
        new("Kassel", "DE", "DEU", "Europe/Berlin", 1, 51_312_700, 9_479_700),
        new("Erfurt", "DE", "DEU", "Europe/Berlin", 1, 50_984_800, 11_029_900),
        new("Freiburg", "DE", "DEU", "Europe/Berlin", 1, 47_999_000, 7_842_100),
        new("Dijon", "FR", "FRA", "Europe/Paris", 1, 47_322_000, 5_041_500),
        new("Nantes", "FR", "FRA", "Europe/Paris", 1, 47_218_400, -1_553_600),
        new("Athlone", "IE", "IRL", "Europe/Dublin", 0, 53_423_900, -7_940_700),
    ];
}
