using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Engine;

namespace EvBilling.Cli.Explain;

/// <summary>What a store tells beside the explanation of a bill.</summary>
/// <param name="Options">Those of the last run.</param>
internal sealed record StoreFacts(StoredOptions? Options);

/// <summary>A bill for a person: what is owed, where and when, what was measured, how it was priced, what is odd, and how it came to this version.</summary>
internal static class ExplanationText
{
    public static void Write(TextWriter to, BillExplanation explanation, StoreFacts store)
    {
        var page = new Page(to);
        HeadingText.Write(page, explanation, store);
        MeasuredText.Write(page, explanation);
        PricingText.Write(page, explanation);
        SumsText.Write(page, explanation);
        WriteFlags(page, explanation);
        VersionsText.Write(page, explanation, store);
    }

    private static void WriteFlags(Page page, BillExplanation explanation)
    {
        var bill = explanation.Bill;
        // Those that hold it stand at its head.
        var noted = bill.Flags & ~BillFlag.Holding;
        if (noted == BillFlag.None)
        {
            return;
        }
        page.Section("What to know about it");
        foreach (var (name, meaning) in BillFlagNames.Explain(noted))
        {
            page.Item($"{meaning} ({name})");
        }
    }
}
