using EvBilling.Billing;

namespace EvBilling.Cli.Pricing;

/// <summary>What a price's flags mean, in words.</summary>
internal static class PriceFlagWords
{
    public const string CurrencyDiffers = nameof(CurrencyDiffers);
    public const string TariffReadLeniently = nameof(TariffReadLeniently);

    public static string Of(string name) => name switch
    {
        CurrencyDiffers => "The CDR states another currency than the tariff; amounts are in the tariff's.",
        TariffReadLeniently => "Something in the tariff is not written as OCPI wants it, such as a number as a text or an unknown dimension; what is not understood does not apply.",
        "CdrReadLeniently" => "Something in the CDR is not written as OCPI wants it, such as a number as a text or a dimension in small letters.",
        "UnknownDimension" => "The CDR states a dimension that OCPI does not know; nothing priced it.",
        "DuplicateDimension" => "A charging period states a dimension twice; one of the two was taken (reading dup_dimension).",
        "NegativeDuration" => "The CDR ends before it starts; it was priced as its charging periods are.",
        "NoPeriods" => "The CDR has no charging periods, so nothing was priced.",
        "PeriodSpansPriceChange" => "A price begins or ends within a charging period, which tells only its sums; the total would be another if it were split there (reading unsplit).",
        "PeriodsUnsorted" => "The charging periods are not in the order of their starts (reading period_order).",
        "TariffIdUnknown" => "A charging period names a tariff that is not among those given; the session's was taken.",
        _ => BillFlagNames.Explain(BillFlagNames.Parse(name)).First().Meaning,
    };
}
