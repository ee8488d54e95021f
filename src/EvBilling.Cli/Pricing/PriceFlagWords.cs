using EvBilling.Billing;

namespace EvBilling.Cli.Pricing;

/// <summary>What a price's flags mean, in words.</summary>
internal static class PriceFlagWords
{
    public const string CurrencyDiffers = nameof(CurrencyDiffers);

    public static string Of(string name) => name switch
    {
        CurrencyDiffers => "The CDR states another currency than the tariff; amounts are in the tariff's.",
        "DuplicateDimension" => "A charging period states a dimension twice; one of the two was taken (reading dup_dimension).",
        "NoPeriods" => "The CDR has no charging periods, so nothing was priced.",
        "PeriodSpansPriceChange" => "A price begins or ends within a charging period, which tells only its sums; the total would be another if it were split there (reading unsplit).",
        "PeriodsUnsorted" => "The charging periods are not in the order of their starts (reading period_order).",
        "TariffIdUnknown" => "A charging period names a tariff that is not among those given; the session's was taken.",
        _ => BillFlagNames.Explain(BillFlagNames.Parse(name)).First().Meaning,
    };
}
