using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>Prices a CDR under its tariffs. Holds the last price, so that one is not for two threads at once.</summary>
internal sealed class CdrPricer(RatingOptions options, RatingZones zones)
{
    private readonly CdrRater _rater = new();

    /// <summary>What was rated last.</summary>
    /// <param name="tariffs">In the order that decides between them.</param>
    /// <param name="timeZone">An IANA name; null = not stated.</param>
    /// <exception cref="PricingException">It can't be priced.</exception>
    public PricedCdr Price(IReadOnlyList<Tariff> tariffs, JsonElement cdrJson, string? timeZone, bool isReservationExpired)
    {
        if (tariffs.Count == 0)
        {
            throw new PricingException("/tariff: there is none; please state tariff or tariffs, or a CDR that carries its own.");
        }
        if (!CompiledTariff.TryCompile(tariffs, null, options, out var compiled, out var notCompiled))
        {
            throw new PricingException("/tariff", notCompiled);
        }
        if (!CdrReader.TryRead(cdrJson, options, out var cdr, out var notRead))
        {
            throw new PricingException("/cdr", notRead);
        }
        var zone = options.Zone == ZoneRule.Country ? zones.OfCountry(cdr.Country) : timeZone is null ? null : zones.Find(timeZone);
        if (zone is null && compiled.NeedsLocalTime)
        {
            throw new PricingException("/timezone: it is missing, and the tariff has restrictions in local time; please state an IANA name such as \"Europe/Amsterdam\", or take reading zone=country.");
        }
        var rated = Rated(cdr, compiled, zone, isReservationExpired);
        return _rater.Result.Outcome switch
        {
            RatingOutcome.Priced => new(rated, compiled, _rater.Result, zone),
            RatingOutcome.NoTariffValid => throw new PricingException("/tariffs: none of them is valid at the session's start; please state one that is."),
            RatingOutcome.PeriodsOutOfOrder => throw new PricingException("/cdr/charging_periods: they are not in the order of their starts; please sort them."),
            _ => throw new PricingException("/cdr/charging_periods: a time volume is negative; please state what was measured."),
        };
    }

    private Cdr Rated(Cdr cdr, CompiledTariff tariff, RatingZone? zone, bool isReservationExpired)
    {
        try
        {
            return _rater.Rate(cdr, tariff, zone, isReservationExpired);
        }
        catch (OverflowException)
        {
            throw new PricingException("/cdr/charging_periods: their times and volumes together are beyond what can be reckoned with; please state what was measured.");
        }
    }
}

/// <summary>A CDR with its price.</summary>
internal sealed record PricedCdr(Cdr Cdr, CompiledTariff Tariff, RatingResult Result, RatingZone? Zone)
{
    private static readonly RatingFlags[] All = [.. Enum.GetValues<RatingFlags>().Where(flag => flag != RatingFlags.None)];

    /// <summary>The names of the flags, in ordinal order.</summary>
    public IEnumerable<string> Flags
    {
        get
        {
            var names = All.Where(flag => (Result.Flags | Cdr.Flags).HasFlag(flag)).Select(flag => flag.ToString());
            if (Cdr.Currency is { } stated && !string.Equals(stated, Tariff.Currency.Code, StringComparison.OrdinalIgnoreCase))
            {
                names = names.Append(PriceFlagWords.CurrencyDiffers);
            }
            if (Tariff.Sources.Any(tariff => !tariff.Findings.IsEmpty))
            {
                names = names.Append(PriceFlagWords.TariffReadLeniently);
            }
            return names.Order(StringComparer.Ordinal);
        }
    }
}
