using System.CommandLine;
using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Engine;

namespace EvBilling.Cli.Verbs;

/// <summary><c>bills</c>: the current bill of every session, or all versions.</summary>
internal static class BillsVerb
{
    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var session = new Option<string?>("--session") { Description = "Only this session's.", HelpName = "ID" };
        var allVersions = new Option<bool>("--all-versions") { Description = "Every version of every bill, not only the current one." };
        var command = new Command(
            "bills",
            "The current bill of every session, also open and held ones, ordered by session id: one JSON object a line.\n\n"
            + "Examples:\n"
            + "  evbilling bills --store sqlite:bills.db\n"
            + "  evbilling bills --store sqlite:bills.db --session S-1-1 --all-versions")
        {
            store, session, allVersions,
        };
        command.SetAction(parsed =>
        {
            using var opened = StoreTarget.OpenToRead(parsed.GetValue(store)!);
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            using var writer = new Utf8JsonWriter(output);
            foreach (var bill in BillListing.Read(opened, parsed.GetValue(session), parsed.GetValue(allVersions)))
            {
                BillJson.Write(writer, bill);
                writer.Flush();
                writer.Reset();
                output.WriteByte((byte)'\n');
            }
            return 0;
        });
        return command;
    }
}

/// <summary>Stored bills and the previews of open sessions, merged in order of session id.</summary>
internal static class BillListing
{
    public static IEnumerable<Bill> Read(IBillStore store, string? sessionId, bool allVersions)
    {
        var biller = BillingJob.CreateBiller(store, store.ReadTariffs(), store.ReadOptions());
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
