using System.CommandLine;
using EvBilling.Engine;

namespace EvBilling.Cli.Verbs;

/// <summary><c>contacts erase</c>: deletes a person's contact data. Nothing that it is given is printed again, not even in an error.</summary>
internal static class ContactsVerb
{
    private const string OneOfThree = "Give exactly one of --session ID, --email E and --phone P; - reads it from standard input. `evbilling contacts erase --help` shows how.";

    public static Command Create() => new Verb("contacts", "Contact data, which is kept apart from everything else.", "evbilling contacts erase --store sqlite:bills.db --session S-1")
    {
        Erase(),
    };

    private static Verb Erase()
    {
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var session = new Option<string?>("--session") { Description = "That of one session; - = read from standard input.", HelpName = "ID" };
        var email = new Option<string?>("--email") { Description = "That of all sessions with this e-mail address; - = read from standard input.", HelpName = "E" };
        var phone = new Option<string?>("--phone") { Description = "That of all sessions with this phone number; - = read from standard input.", HelpName = "P" };
        // Else a word too many, or a misspelt option with what follows it, would be repeated in the error.
        var rest = new Argument<string[]>("rest") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var command = new Verb(
            "erase",
            "Delete contact data for good: a replay does not bring it back. Bills stay as they are.",
            "evbilling contacts erase --store sqlite:bills.db --session S-1\n"
            + "evbilling contacts erase --store sqlite:bills.db --email ann@example.com\n"
            + "evbilling contacts erase --store sqlite:bills.db --phone - < number.txt")
        {
            store, session, email, phone, rest,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rest) is { Length: > 0 })
            {
                throw new UsageException(OneOfThree);
            }
            var query = Query(parsed.GetValue(session), parsed.GetValue(email), parsed.GetValue(phone));
            var sessions = Erase(parsed.GetValue(store)!, query);
            Console.Error.WriteLine(sessions == 0
                ? "There is no such contact data in the store."
                : $"The contact data of {sessions:N0} {(sessions == 1 ? "session" : "sessions")} was erased for good.");
            return 0;
        });
        return command;
    }

    private static ContactQuery Query(string? session, string? email, string? phone)
    {
        string?[] given = [session, email, phone];
        if (given.Count(value => value is not null) != 1)
        {
            throw new UsageException(OneOfThree);
        }
        var value = given.First(value => value is not null)!;
        if (value == "-")
        {
            value = Console.In.ReadLine()?.Trim() ?? "";
        }
        if (value.Length == 0)
        {
            throw new UsageException("What says whose contact data is to be erased is empty. " + OneOfThree);
        }
        return session is not null ? new(value, null, null) : email is not null ? new(null, null, value) : new(null, value, null);
    }

    private static int Erase(string target, ContactQuery query)
    {
        // First to read: a store that is not there is not made for this.
        using (StoreTarget.OpenToRead(target))
        {
        }
        using var store = StoreTarget.Open(target);
        store.BeginWriting();
        return store.EraseContacts(query);
    }
}
