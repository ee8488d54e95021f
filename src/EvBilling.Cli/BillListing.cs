using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;

namespace EvBilling.Cli;

/// <summary>Stored bills and the previews of open sessions, merged in order of session id.</summary>
internal static class BillListing
{
    public static IEnumerable<Bill> Read(IBillStore store, string? sessionId, bool allVersions)
    {
        var biller = new StoredBilling(store, store.ReadOptions()).CreateBiller();
        using var stored = store.ReadBills(sessionId, allVersions).GetEnumerator();
        using var open = store.ReadOpen(sessionId).Select(session => biller.Make(session.Record, false, session.TariffsUntil)).GetEnumerator();
        var hasStored = stored.MoveNext();
        var hasOpen = open.MoveNext();
        while (hasStored || hasOpen)
        {
            // An open session's preview has version 0, so that it comes before the versions that it has had.
            if (!hasOpen || (hasStored && Compare(stored.Current.SessionId, open.Current.SessionId) < 0))
            {
                yield return stored.Current;
                hasStored = stored.MoveNext();
            }
            else
            {
                yield return open.Current;
                hasOpen = open.MoveNext();
            }
        }
    }

    private static int Compare(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
}
