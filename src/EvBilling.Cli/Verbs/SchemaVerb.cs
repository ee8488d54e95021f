using System.CommandLine;
using EvBilling.Storage.Postgres;

namespace EvBilling.Cli.Verbs;

/// <summary><c>schema</c>: what the owner of a database in PostgreSQL does before workers and analysts come, and after an upgrade.</summary>
internal static class SchemaVerb
{
    public static Command Create()
    {
        var store = new Option<string>("--store") { Description = "The database, as its owner: postgres://OWNER@HOST:PORT/DATABASE.", HelpName = "STORE", Required = true };
        var writers = Members("--writer", "Who may write, as workers do: the name of a role that logs in. NAME=OBJECT_ID makes the role for an identity of Microsoft Entra ID where it is not there (on Azure). Several with commas, or the option again.");
        var readers = Members("--reader", "Who may read all but contact data, as analysts do; as with --writer.");
        var command = new Verb(
            "schema",
            "Make or upgrade the tables in PostgreSQL, and the roles evbilling_writer and evbilling_reader that may use them. Again = no change.",
            "evbilling schema --store postgres://owner@127.0.0.1:5432/billing --writer billing_worker --reader analyst\n"
            + "evbilling schema --store postgres://installer@NAME.postgres.database.azure.com/evbilling?auth=entra --writer worker=00000000-0000-0000-0000-000000000000")
        {
            store, writers, readers,
        };
        command.SetAction(parsed =>
        {
            var (write, read) = (List(parsed.GetValue(writers)!), List(parsed.GetValue(readers)!));
            var made = StoreTarget.MakeRoles(parsed.GetValue(store)!, write, read);
            Console.Error.WriteLine(
                $"The store {StoreTarget.NameOf(parsed.GetValue(store)!)} is up to date. Writers: {Names(write)}. Readers: {Names(read)}. Made for Entra ID: {Names(made)}.");
            return 0;
        });
        return command;
    }

    private static Option<string[]> Members(string name, string description) =>
        new(name) { Description = description, HelpName = "NAME[=OBJECT_ID]", DefaultValueFactory = _ => [] };

    private static List<StoreMember> List(string[] texts) => [.. texts.SelectMany(StoreMember.ParseList)];

    private static string Names(IReadOnlyList<StoreMember> members) => members.Count == 0 ? "none named" : string.Join(", ", members.Select(member => member.Name));
}
