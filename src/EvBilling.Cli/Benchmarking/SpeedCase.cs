using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Cli.Pricing;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Benchmarking;

/// <summary>A case, {timezone, ocpi_version, tariff, cdr}, whose steps are timed.</summary>
internal sealed class SpeedCase
{
    private readonly byte[] _tariffText;
    private readonly byte[] _cdrText;
    private readonly OcpiVersion? _version;
    private readonly RatingZone? _zone;
    private readonly Tariff _tariff;
    private readonly CompiledTariff _compiled;
    private readonly Cdr _cdr;
    private readonly RatingResult _reused = new();
    private readonly TextRater _rater = new();

    /// <exception cref="PricingException">The case can't be priced.</exception>
    public SpeedCase(JsonElement json)
    {
        _tariffText = Text(json, "tariff");
        _cdrText = Text(json, "cdr");
        _version = PriceCase.Version(json);
        _zone = PriceCase.TextOrNull(json, "timezone") is { } zone ? new RatingZones().Find(zone) : null;
        _tariff = ReadTariff();
        _compiled = Compiled(_tariff);
        _cdr = ReadCdr();
        Rater.Rate(_cdr.Session(_zone), _compiled, _reused);
        Total = _reused.Outcome == RatingOutcome.Priced ? RatingTotals.Of(_reused) : throw new PricingException($"/cdr: it can't be priced ({_reused.Outcome}).");
    }

    public RatingTotals Total { get; }

    /// <summary>From parsed objects to a new result with its lines.</summary>
    public void Price() => Rater.Rate(_cdr.Session(_zone), _compiled, new RatingResult(_cdr.Periods.Length + 1));

    /// <summary>Likewise, into a result that was used before.</summary>
    public void PriceReused() => Rater.Rate(_cdr.Session(_zone), _compiled, _reused);

    public void Compile() => Compiled(_tariff);

    /// <summary>From the two JSON texts, everything validated, to a new result with its lines.</summary>
    public void ParsePrice()
    {
        var result = new RatingResult(_cdr.Periods.Length + 1);
        if (!_rater.TrySetTariff(_tariffText, _version, out var refusal) || !_rater.TryRate(_cdrText, _zone, result, out _, out refusal))
        {
            throw new PricingException("", refusal);
        }
    }

    private static byte[] Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
        ? JsonMarshal.GetRawUtf8Value(value).ToArray()
        : throw new PricingException($"/{name}: it is no object; please state the {name}.");

    private static CompiledTariff Compiled(Tariff tariff) =>
        CompiledTariff.TryCompile(tariff, null, out var compiled, out var refusal) ? compiled : throw new PricingException("/tariff", refusal);

    private Tariff ReadTariff() =>
        TariffReader.TryRead(_tariffText, _version, out var tariff, out var refusal) ? tariff : throw new PricingException("/tariff", refusal);

    private Cdr ReadCdr() =>
        CdrReader.TryRead(_cdrText, RatingOptions.Default, out var cdr, out var refusal) ? cdr : throw new PricingException("/cdr", refusal);
}
