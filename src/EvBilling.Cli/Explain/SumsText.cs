using EvBilling.Billing;
using EvBilling.Billing.Explain;

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
        var exactExcl = Words.ExactMoney(pricing.UnroundedExclVat, bill.Currency);
        if (pricing.UnroundedInclVat is not { } unroundedIncl)
        {
            return pricing.UnroundedExclVat == bill.TotalExclVat
                ? "Nothing had to be rounded."
                : $"Exactly it is {exactExcl}, rounded once, half away from zero; lines are adjusted so that they add up.";
        }
        var exactIncl = Words.ExactMoney(unroundedIncl, bill.Currency);
        return pricing.UnroundedExclVat == bill.TotalExclVat && unroundedIncl == bill.TotalInclVat
            ? "Nothing had to be rounded."
            : $"Exactly it is {exactExcl} without and {exactIncl} with VAT. Each of the two is rounded once, half away from zero; VAT is their difference, and "
                + "lines and VAT are adjusted so that they add up.";
    }
}
