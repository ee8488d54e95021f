using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Billing.Ocpi;

/// <summary>What a CDR states besides its bill.</summary>
public sealed record CdrFacts
{
    /// <summary>Where the session took place: what <see cref="LocationBook"/> finds by the bill's ids.</summary>
    public LocationMatch Place { get; init; }

    /// <summary>The tariff that rated the bill, the JSON object as it was read, UTF-8; empty = the CDR carries none, which OCPI allows.</summary>
    public ReadOnlyMemory<byte> TariffJson { get; init; }

    /// <summary>Likewise the versions that took its place during the session.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> LaterTariffJsons { get; init; } = [];

    /// <summary><c>last_updated</c>: when the version <see cref="CdrItem.CreatedByVersion"/> was written.</summary>
    public required Instant LastUpdated { get; init; }

    /// <summary>
    /// The token, where its issuer's data is known. Null = it is made of the bill's token_id, which becomes uid and contract_id: issued by whom an eMA ID names
    /// (DE-8AC-C12E46L89: DE, 8AC), else by the operator itself; type OTHER, since events do not say what kind of token it was.
    /// </summary>
    public CdrToken? Token { get; init; }

    /// <summary>
    /// OCPI 2.2.1 mod_cdrs 1.4.1, AuthMethod. WHITELIST says that the eMSP was not asked, and nothing in a session's events says that it was.
    /// </summary>
    public string AuthMethod { get; init; } = "WHITELIST";

    /// <summary>
    /// Whether facts that OCPI requires and nobody stated are filled in, with what is plainly no fact: country_code ZZ, party_id ZZZ, country ZZZ (codes that
    /// ISO 3166 never assigns), ids and texts UNKNOWN, evse_id ZZ*ZZZ*E0, coordinates 0.00000, a tariff's last_updated 1970-01-01T00:00:00Z. Of a connector
    /// OCPI has no such values: IEC_62196_T2, SOCKET, AC_3_PHASE.
    /// </summary>
    public bool Placeholders { get; init; }
}

/// <summary>A token as its issuer, the eMSP, knows it (OCPI 2.2.1 mod_cdrs 1.4.5, CdrToken).</summary>
/// <param name="CountryCode">ISO 3166-1 alpha-2 code of the eMSP's country.</param>
/// <param name="PartyId">The eMSP's id.</param>
/// <param name="Type">TokenType: AD_HOC_USER, APP_USER, OTHER or RFID.</param>
public sealed record CdrToken(string CountryCode, string PartyId, string Uid, string Type, string ContractId);
