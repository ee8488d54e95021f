using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Rating;

namespace EvBilling.Cli.Explain;

/// <summary>The bill's sums, and how they were rounded.</summary>
internal static class SumsText
{
    public static void Write(Page page, BillExplanation explanation)
    {
        var bill = explanation.Bill;
        if (bill.TotalExclVat is not { } exclVat)
        {
            return;
        }
        page.Section("Sum");
        page.Amount("Total without VAT", Words.Money(exclVat, bill.Currency), 3);
        foreach (var row in bill.VatBreakdown)
        {
            var taxed = Words.Money(row.Base, bill.Currency);
            var label = row.Rate is null ? $"No tax applies to {taxed}" : $"VAT {Words.Percent(row.Rate)} of {taxed}";
            page.Amount(label, Words.Money(row.Amount, bill.Currency), 3);
        }
        if (bill.TotalInclVat is { } inclVat)
        {
            page.Amount("TOTAL WITH VAT", Words.Money(inclVat, bill.Currency), 3);
        }
        else
        {
            page.Paragraph("The tariff does not tell the VAT, so there is no total with VAT.", 3);
        }
        if (explanation.Pricing is { } pricing)
        {
            page.Paragraph(Rounding(bill, pricing), 3);
        }
    }

    private static string Rounding(Bill bill, PricingExplanation pricing)
    {
        if (pricing.UnroundedExclVat == bill.TotalExclVat && pricing.UnroundedInclVat == bill.TotalInclVat)
        {
            return pricing.Lines.All(line => line.ExactExclVat == line.Line.AmountExclVat)
                ? "Nothing had to be rounded."
                : "The totals had not to be rounded; lines are, so that they add up.";
        }
        var exactExcl = Words.ExactMoney(pricing.UnroundedExclVat, bill.Currency);
        var (exact, isVatKnown) = pricing.UnroundedInclVat is { } unroundedIncl
            ? ($"Exactly it is {exactExcl} without and {Words.ExactMoney(unroundedIncl, bill.Currency)} with VAT.", true)
            : ($"Exactly it is {exactExcl}{(pricing.Options.Rounding == RoundingRule.PerComponent ? "." : "")}", false);
        var isPerRate = isVatKnown && pricing.Options.VatRounding == VatRoundingRule.PerRate;
        var half = pricing.Options.Rounding == RoundingRule.HalfEven ? "half to even" : "half away from zero";
        if (pricing.Options.Rounding == RoundingRule.PerComponent)
        {
            var vat = !isVatKnown ? "" : isPerRate ? " VAT is each rate's share of its rounded base, rounded likewise (vat_rounding=per_rate)." : " So is the VAT of each.";
            return $"{exact} Each line is rounded by itself, {half}, and the total is the sum of the lines (rounding=per_component).{vat}";
        }
        if (!isVatKnown)
        {
            return $"{exact}, rounded once, {half}; lines are adjusted so that they add up.";
        }
        return isPerRate
            ? $"{exact} The total without VAT is rounded once, {half}; VAT is each rate's share of its rounded base, rounded likewise (vat_rounding=per_rate), and lines are adjusted so that they add up."
            : $"{exact} Each of the two is rounded once, {half}; VAT is their difference, and lines and VAT are adjusted so that they add up.";
    }
}
