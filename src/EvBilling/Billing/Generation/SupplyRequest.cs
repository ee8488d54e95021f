using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using EvBilling.Billing.Ocpi;
using EvBilling.Locations;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Generation;

/// <summary>A session to be made up: constant power from the start until what was asked for is delivered or the session ends; then the car is parked.</summary>
public sealed record SupplyRequest
{
    /// <summary>In milliwatts: a million kilowatts.</summary>
    public const long PowerMwMax = 1_000_000_000_000;

    /// <summary>A year, in nanoseconds: a CDR of more is surely a mistake.</summary>
    public const long LengthNsMax = 366L * 24 * 3600 * 1_000_000_000;

    private const decimal MilliPerKilo = 1_000_000m;
    private const decimal MilliPerUnit = 1_000m;

    /// <summary>In nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public required long StartUnixNs { get; init; }

    /// <summary>Likewise; after the start.</summary>
    public required long EndUnixNs { get; init; }

    /// <summary>Over 0.</summary>
    public required long PowerMw { get; init; }

    /// <summary>Null = not measured.</summary>
    public long? CurrentMa { get; init; }

    public required long RequestedMwh { get; init; }

    /// <summary>Null = not known.</summary>
    public Location? Location { get; init; }

    /// <summary>Null = not known.</summary>
    public CdrToken? Token { get; init; }

    /// <summary>Reads the object <c>config</c> of a case of <c>generate</c>: start_date_time, end_date_time, max_power_supply_kw, requested_kwh, and if stated max_current_supply_amp, location (OCPI Location), token (OCPI CdrToken).</summary>
    /// <param name="refusal">Set where it returns false; its path is within the object.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out SupplyRequest? request, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        (request, refusal) = (null, null);
        try
        {
            request = Read(new OcpiJson(json, "", ImmutableArray.CreateBuilder<TariffFinding>()));
            return true;
        }
        catch (TariffRefusedException refused)
        {
            refusal = refused.Refusal;
            return false;
        }
    }

    private static SupplyRequest Read(OcpiJson json)
    {
        json.MustBe(JsonValueKind.Object, "an object with the session's start, end, power and energy");
        var (startJson, endJson) = (json.Member("start_date_time"), json.Member("end_date_time"));
        var (startNs, endNs) = (startJson.UnixNs(), endJson.UnixNs());
        if (startNs < 0)
        {
            throw startJson.Refused("is before 1970; please state when the session started");
        }
        if (endNs <= startNs)
        {
            throw endJson.Refused("is not after start_date_time; please state when the session ended");
        }
        if (endNs - startNs > LengthNsMax)
        {
            throw endJson.Refused("is more than a year after start_date_time; please state when the session ended");
        }
        var power = json.Member("max_power_supply_kw");
        return new SupplyRequest
        {
            StartUnixNs = startNs,
            EndUnixNs = endNs,
            PowerMw = Whole(power, MilliPerKilo) is > 0 and <= PowerMwMax and var mw ? mw : throw power.Refused("is not over 0 and at most 1000000; please state kilowatts"),
            CurrentMa = json.Member("max_current_supply_amp") is { IsAbsent: false } current ? Whole(current, MilliPerUnit) : null,
            RequestedMwh = Whole(json.Member("requested_kwh"), MilliPerKilo),
            Location = ReadLocation(json.Member("location")),
            Token = ReadToken(json.Member("token")),
        };
    }

    // Cut off beyond a millionth of a kilo.
    private static long Whole(OcpiJson json, decimal factor)
    {
        var number = json.Number();
        return number >= 0 ? (long)decimal.Floor(number * factor) : throw json.Refused("is negative; please state 0 or more");
    }

    private static Location? ReadLocation(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return null;
        }
        var entry = LocationDocument.ReadOne(Encoding.UTF8.GetBytes(json.Json.GetRawText()));
        return entry.Location ?? throw new TariffRefusedException(new TariffRefusal(json.Path + entry.Error!.Path, entry.Error.Message));
    }

    private static CdrToken? ReadToken(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return null;
        }
        json.MustBe(JsonValueKind.Object, "a CdrToken object");
        var type = json.Member("type").Text("AD_HOC_USER, APP_USER, OTHER or RFID");
        return new CdrToken(
            json.Member("country_code").Text("the issuer's country, such as \"NL\""), json.Member("party_id").Text("the issuer, such as \"TNM\""), json.Member("uid").Text("the token's id"),
            type is "AD_HOC_USER" or "APP_USER" or "OTHER" or "RFID" ? type : throw json.Member("type").Refused("is no TokenType; please state AD_HOC_USER, APP_USER, OTHER or RFID"),
            json.Member("contract_id").Text("the contract's id"));
    }
}
