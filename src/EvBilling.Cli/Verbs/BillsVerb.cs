using System.CommandLine;
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
        var form = new Option<string>("--as")
        {
            Description = "jsonl: a JSON object a line; csv: a row a bill; ocpi: an OCPI 2.2.1 CDR a line, of a corrected bill with credit and replacement.",
            HelpName = "jsonl|ocpi|csv",
            DefaultValueFactory = _ => "jsonl",
        };
        form.AcceptOnlyFromAmong("jsonl", "ocpi", "csv");
        var placeholders = new Option<bool>("--placeholders") { Description = "With --as ocpi: fill facts that are not known, of locations and tokens, with plain placeholders." };
        var command = new Verb(
            "bills",
            "The current bill of every session, also open and held ones, ordered by session id.",
            "evbilling bills --store sqlite:bills.db\n"
            + "evbilling bills --store sqlite:bills.db --session S-1-1 --all-versions\n"
            + "evbilling bills --store sqlite:bills.db --as csv > bills.csv\n"
            + "evbilling bills --store sqlite:bills.db --as ocpi > cdrs.jsonl")
        {
            store, session, form, allVersions, placeholders,
        };
        command.SetAction(parsed =>
        {
            using var opened = StoreTarget.OpenToRead(parsed.GetValue(store)!);
            var id = parsed.GetValue(session);
            if (id is not null && !opened.Knows(id))
            {
                throw StoreTarget.HasNoSession(parsed.GetValue(store)!, id);
            }
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            switch (parsed.GetValue(form))
            {
                case "ocpi":
                    return BillOutput.WriteOcpi(opened, id, parsed.GetValue(placeholders), output) ? 0 : 1;
                case "csv":
                    BillOutput.WriteCsv(BillListing.Read(opened, id, parsed.GetValue(allVersions)), output);
                    return 0;
                default:
                    BillOutput.WriteJsonLines(BillListing.Read(opened, id, parsed.GetValue(allVersions)), output);
                    return 0;
            }
        });
        return command;
    }
}
