using System.CommandLine;
using System.Text;
using EvBilling.Cli.Explain;

namespace EvBilling.Cli.Verbs;

/// <summary><c>explain</c>: one bill for a person.</summary>
internal static class ExplainVerb
{
    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var session = new Argument<string>("SESSION_ID") { Description = "The session, as `evbilling bills` names it." };
        var command = new Verb(
            "explain",
            "One bill for a person: what was measured, which price applied and why, every sum, every flag in words, every version.",
            "evbilling explain --store sqlite:bills.db S-1-1\n"
            + "evbilling explain --store sqlite:bills.db 'EVSE 7@20260105T060850Z' | less")
        {
            store, session,
        };
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(store)!;
            var id = parsed.GetValue(session)!;
            using var opened = StoreTarget.OpenToRead(target);
            using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 14);
            if (!StoreExplainer.Write(output, opened, id))
            {
                throw StoreTarget.HasNoSession(target, id);
            }
            return 0;
        });
        return command;
    }
}
