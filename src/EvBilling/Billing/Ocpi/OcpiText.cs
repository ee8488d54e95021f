using System.Globalization;
using EvBilling.Locations;
using EvBilling.Tariffs;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Billing.Ocpi;

/// <summary>Published texts in the form that OCPI 2.2.1 prescribes; null for what has none.</summary>
internal static class OcpiText
{
    // Milliseconds at most, so that it fits in the 25 characters of OCPI's DateTime.
    private static readonly InstantPattern TimePattern = InstantPattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd'T'HH':'mm':'ss;FFF'Z'");

    /// <summary>ConnectorType, ConnectorFormat, PowerType (mod_locations 1.4.4, 1.4.5, 1.4.19), by their capital letters.</summary>
    private static readonly Dictionary<string, string> Values = new(
        Of("standard",
            "CHADEMO CHAOJI DOMESTIC_A DOMESTIC_B DOMESTIC_C DOMESTIC_D DOMESTIC_E DOMESTIC_F DOMESTIC_G DOMESTIC_H DOMESTIC_I DOMESTIC_J DOMESTIC_K "
            + "DOMESTIC_L DOMESTIC_M DOMESTIC_N DOMESTIC_O GBT_AC GBT_DC IEC_60309_2_single_16 IEC_60309_2_three_16 IEC_60309_2_three_32 IEC_60309_2_three_64 "
            + "IEC_62196_T1 IEC_62196_T1_COMBO IEC_62196_T2 IEC_62196_T2_COMBO IEC_62196_T3A IEC_62196_T3C NEMA_5_20 NEMA_6_30 NEMA_6_50 NEMA_10_30 NEMA_10_50 "
            + "NEMA_14_30 NEMA_14_50 PANTOGRAPH_BOTTOM_UP PANTOGRAPH_TOP_DOWN TESLA_R TESLA_S")
            .Concat(Of("format", "SOCKET CABLE"))
            .Concat(Of("power_type", "AC_1_PHASE AC_2_PHASE AC_2_PHASE_SPLIT AC_3_PHASE DC")),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>A connector's enumeration value in OCPI's spelling (IEC_60309_2_single_16 has small letters); null for what 2.2.1 does not know.</summary>
    /// <param name="member">The connector's member: standard, format or power_type.</param>
    public static string? ConnectorValue(string member, string? value) => value is null ? null : Values.GetValueOrDefault($"{member} {value}");

    public static string Time(Instant instant) => TimePattern.Format(instant);

    /// <summary>A date-time as publishers write it; null if it cannot be read.</summary>
    public static string? Time(string? text) => text is not null && OcpiDateTime.TryParse(text, out var instant) ? Time(instant) : null;

    /// <summary>A text cut to the length that OCPI allows, between characters.</summary>
    public static string? Cut(string? text, int lengthMax)
    {
        if (text is null || text.Length <= lengthMax)
        {
            return text;
        }
        return text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)];
    }

    /// <summary>Two capital letters, of an alpha-2 code (assigned or not) or an assigned alpha-3 code.</summary>
    public static string? CountryCode(string? code) =>
        code is null ? null
        : code.Length == 2 && char.IsAsciiLetter(code[0]) && char.IsAsciiLetter(code[1]) ? code.ToUpperInvariant()
        : CountryCodes.Alpha2(code);

    public static string? PartyId(string? id) => OcpiId.IsCiString(id, 3) ? id : null;

    /// <summary>Degrees with 5 or 6 decimals: OCPI wants 5 to 7, and 7 do not fit beside a minus sign (mod_locations 1.4.13).</summary>
    /// <param name="bound">90 or 180.</param>
    public static string? Degrees(string? text, int bound)
    {
        if (text is null || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var degrees) || decimal.Abs(degrees) > bound)
        {
            return null;
        }
        return decimal.Round(degrees, 6, MidpointRounding.AwayFromZero).ToString("0.00000#", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<KeyValuePair<string, string>> Of(string member, string values) =>
        values.Split(' ').Select(value => KeyValuePair.Create($"{member} {value}", value));
}
