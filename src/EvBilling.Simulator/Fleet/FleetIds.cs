namespace EvBilling.Simulator;

/// <summary>How sites and stations are called; short enough for every OCPI 2.2.1 identifier.</summary>
internal static class FleetIds
{
    /// <summary>The operator in OCPI identifiers and eMI3 EVSE ids.</summary>
    public const string PartyId = "EVB";

    /// <summary>Whose tariffs they are: the operator's seat.</summary>
    public const string TariffCountryCode = "NL";

    /// <summary>Longest of all that is appended here, in bytes.</summary>
    public const int BytesMax = 32;

    /// <summary>location_id, such as `LOC-00042`.</summary>
    public static void AppendLocation(ref Utf8Cursor to, Site site)
    {
        to.Append("LOC-"u8);
        to.AppendNumber(site.Number, 5);
    }

    /// <summary>station_id, such as `CP-000123`.</summary>
    public static void AppendStation(ref Utf8Cursor to, int stationNumber)
    {
        to.Append("CP-"u8);
        to.AppendNumber(stationNumber, 6);
    }

    /// <summary>evse_id in eMI3 form, such as `NL*EVB*E000123*1`.</summary>
    public static void AppendEvse(ref Utf8Cursor to, Site site, int stationNumber)
    {
        to.AppendAscii(site.Place.CountryCode);
        to.Append("*EVB*E"u8);
        to.AppendNumber(stationNumber, 6);
        to.Append("*1"u8);
    }
}
