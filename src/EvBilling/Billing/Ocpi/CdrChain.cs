using System.Globalization;

namespace EvBilling.Billing.Ocpi;

/// <summary>A CDR to be written: that of a final bill, or the credit CDR that takes it back.</summary>
/// <param name="Bill">A final bill. A credit CDR carries the data of the CDR that it credits (OCPI 2.2.1 mod_cdrs 1.1.1).</param>
public sealed record CdrItem(Bill Bill, bool IsCredit)
{
    // OCPI 2.2.1 mod_cdrs 1.3.1: 36 for a CDR, and room up to 39 for what a credit CDR appends.
    private const int LengthMax = 36;

    /// <summary>The version with which this CDR came about: the bill's own; of a credit CDR the one that took it back. Its time is last_updated.</summary>
    public int CreatedByVersion { get; init; } = Bill.Version;

    /// <summary>Unique per session and version: "S-1-2" is version 2 of session S-1, "S-1-2-C" the credit of that.</summary>
    public string Id => IsCredit ? CreditReferenceId + "-C" : OriginalId;

    /// <summary>The id of the CDR that this one credits; null where it credits none.</summary>
    public string? CreditReferenceId => IsCredit ? OriginalId : null;

    private string OriginalId
    {
        get
        {
            // The version stays readable at the end, and a last '-' between the two makes the pair unmistakable.
            var version = Bill.Version.ToString(CultureInfo.InvariantCulture);
            return $"{OcpiId.Of(Bill.SessionId, LengthMax - 1 - version.Length)}-{version}";
        }
    }
}

/// <summary>Which CDRs follow from the versions of a session's bill: a CDR that was sent is never changed, but credited and replaced.</summary>
public static class CdrChain
{
    /// <summary>
    /// The session's CDRs in the order in which they are sent. Each final version is a CDR; before the next final version comes the credit CDR of the last one;
    /// a void version only credits. A held or open version credits nothing: what was final stays until the next final or void one.
    /// </summary>
    /// <param name="versionsOfOneSession">All versions that are stored, ascending; empty gives none.</param>
    /// <exception cref="ArgumentException">They are of several sessions, or not ascending.</exception>
    public static IReadOnlyList<CdrItem> Of(IReadOnlyList<Bill> versionsOfOneSession)
    {
        ArgumentNullException.ThrowIfNull(versionsOfOneSession);
        var items = new List<CdrItem>(versionsOfOneSession.Count);
        Bill? standing = null;
        Bill? before = null;
        foreach (var bill in versionsOfOneSession)
        {
            if (before is not null && (before.SessionId != bill.SessionId || before.Version >= bill.Version))
            {
                throw new ArgumentException(
                    $"Version {bill.Version} of session {bill.SessionId} does not follow version {before.Version} of session {before.SessionId}.",
                    nameof(versionsOfOneSession));
            }
            before = bill;
            if (bill.Status is not (BillStatus.Final or BillStatus.Void))
            {
                continue;
            }
            if (standing is not null)
            {
                items.Add(new CdrItem(standing, IsCredit: true) { CreatedByVersion = bill.Version });
            }
            standing = bill.Status == BillStatus.Final ? bill : null;
            if (standing is not null)
            {
                items.Add(new CdrItem(standing, IsCredit: false));
            }
        }
        return items;
    }
}
