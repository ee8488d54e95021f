using EvBilling.Locations;

namespace EvBilling.Billing.Ocpi;

/// <summary>Whose CDR it is, where, and with what token: what OCPI requires of it besides the bill, and what of that is missing.</summary>
internal sealed class CdrSubject
{
    private const string UnknownText = "UNKNOWN";
    private const string UnknownCountryCode = "ZZ";
    private const string UnknownPartyId = "ZZZ";
    private const string UnknownTime = "1970-01-01T00:00:00Z";

    private readonly List<string> _missing = [];

    public CdrSubject(Bill bill, CdrFacts facts)
    {
        Tariff = CdrTariff.Read(facts.TariffJson);
        LaterTariffs = [.. facts.LaterTariffJsons.Select(CdrTariff.Read).OfType<CdrTariff>()];
        var location = facts.Place.Location;
        var (countryCode, partyId) = (OcpiText.CountryCode(location?.CountryCode), OcpiText.PartyId(location?.PartyId));
        if ((countryCode is null || partyId is null) && Tariff is { CountryCode: { } tariffCountryCode, PartyId: { } tariffPartyId })
        {
            // A party's id means something only together with its country.
            (countryCode, partyId) = (tariffCountryCode, tariffPartyId);
        }
        CountryCode = Need(countryCode, UnknownCountryCode, "the operator's country_code (of the location or the tariff)");
        PartyId = Need(partyId, UnknownPartyId, "the operator's party_id (of the location or the tariff)");
        Token = facts.Token ?? TokenOf(bill);
        Location = LocationOf(bill, facts.Place);
        TariffLastUpdated = Tariff is null ? UnknownTime : Need(Tariff.LastUpdated, UnknownTime, "the tariff's last_updated");
    }

    /// <summary>In words, each once; empty = all is known. Placeholders stand in the members then.</summary>
    public IReadOnlyList<string> Missing => _missing;

    public string CountryCode { get; }

    public string PartyId { get; }

    public CdrToken Token { get; }

    public CdrLocation Location { get; }

    /// <summary>Null: the CDR carries no tariff.</summary>
    public CdrTariff? Tariff { get; }

    /// <summary>Versions that took its place during the session.</summary>
    public IReadOnlyList<CdrTariff> LaterTariffs { get; }

    public string TariffLastUpdated { get; }

    private CdrToken TokenOf(Bill bill)
    {
        var id = OcpiId.Of(Need(bill.TokenId, UnknownText, "the token (token_id)"), 36);
        return bill.TokenId is { } token && EmaId.TryIssuer(token, out var countryCode, out var partyId)
            ? new CdrToken(countryCode, partyId, id, "OTHER", id)
            : new CdrToken(CountryCode, PartyId, id, "OTHER", id);
    }

    private CdrLocation LocationOf(Bill bill, in LocationMatch place)
    {
        var location = place.Location;
        var evse = place.Evse;
        var evseUid = evse is null ? bill.EvseId : evse.Uid ?? evse.EvseId;
        var evseId = evse is null ? bill.EvseId : evse.EvseId;
        // The only connector of an EVSE is the one that was used, whatever number the station gave it.
        var connector = place.Connector ?? (evse?.Connectors is [var only] ? only : null);
        if (location is null)
        {
            _missing.Add(Named(place.Ambiguous ? "which of several locations it is" : "the location", "location_id", bill.LocationId));
        }
        else if (evseUid is null && evseId is null)
        {
            _missing.Add(Named("the EVSE", "station_id", bill.StationId));
        }
        else if (connector is null)
        {
            _missing.Add(Named("the EVSE's connector", "connector_id", bill.ConnectorId));
        }
        // Of what is not known at all, the members are not listed one by one.
        var ofLocation = location is null ? "" : "the location's ";
        var ofEvse = location is null || (evseUid ?? evseId) is null ? "" : "the EVSE's ";
        var ofConnector = location is null || connector is null ? "" : "the connector's ";
        var latitude = OcpiText.Degrees(location?.Coordinates?.Latitude, 90);
        var longitude = OcpiText.Degrees(location?.Coordinates?.Longitude, 180);
        var isPlaced = latitude is not null && longitude is not null;
        if (!isPlaced)
        {
            NeedOf(null, "", ofLocation, "coordinates");
        }
        return new CdrLocation
        {
            Id = OcpiId.Of(location?.Id ?? bill.LocationId ?? UnknownText, 36),
            Name = OcpiText.Cut(location?.Name, 255),
            Address = NeedOf(OcpiText.Cut(location?.Address, 45), UnknownText, ofLocation, "address"),
            City = NeedOf(OcpiText.Cut(location?.City, 45), UnknownText, ofLocation, "city"),
            PostalCode = OcpiText.Cut(location?.PostalCode, 10),
            Country = NeedOf(location?.Country is { } country ? CountryCodes.Alpha3(country) : null, "ZZZ", ofLocation, "country (ISO 3166-1)"),
            Latitude = isPlaced ? latitude! : "0.00000",
            Longitude = isPlaced ? longitude! : "0.00000",
            EvseUid = OcpiId.Of(NeedOf(evseUid, UnknownText, ofEvse, "uid"), 36),
            EvseId = OcpiId.Of(NeedOf(evseId, "ZZ*ZZZ*E0", ofEvse, "evse_id"), 48),
            ConnectorId = OcpiId.Of(NeedOf(connector?.Id ?? bill.ConnectorId, UnknownText, ofConnector, "id"), 36),
            Standard = NeedOf(OcpiText.ConnectorValue("standard", connector?.Standard), "IEC_62196_T2", ofConnector, "standard (one of OCPI 2.2.1)"),
            Format = NeedOf(OcpiText.ConnectorValue("format", connector?.Format), "SOCKET", ofConnector, "format"),
            PowerType = NeedOf(OcpiText.ConnectorValue("power_type", connector?.PowerType), "AC_3_PHASE", ofConnector, "power_type"),
        };
    }

    private static string Named(string what, string member, string? id) => id is null ? $"{what} (no {member} is stated)" : $"{what} ({member} {id})";

    private string NeedOf(string? value, string placeholder, string owner, string member) =>
        owner.Length == 0 ? value ?? placeholder : Need(value, placeholder, owner + member);

    private string Need(string? value, string placeholder, string fact)
    {
        if (value is { Length: > 0 })
        {
            return value;
        }
        _missing.Add(fact);
        return placeholder;
    }
}

/// <summary>OCPI 2.2.1 mod_cdrs 1.4.4, CdrLocation; the null ones are left out.</summary>
internal sealed record CdrLocation
{
    public required string Id { get; init; }

    public required string? Name { get; init; }

    public required string Address { get; init; }

    public required string City { get; init; }

    public required string? PostalCode { get; init; }

    public required string Country { get; init; }

    public required string Latitude { get; init; }

    public required string Longitude { get; init; }

    public required string EvseUid { get; init; }

    public required string EvseId { get; init; }

    public required string ConnectorId { get; init; }

    public required string Standard { get; init; }

    public required string Format { get; init; }

    public required string PowerType { get; init; }
}
