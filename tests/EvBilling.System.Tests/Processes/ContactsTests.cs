using System.Text;
using EvBilling.Engine;
using EvBilling.Storage.Sqlite;

namespace EvBilling.SystemTests.Processes;

/// <summary>The real program: erasing contact data.</summary>
[Collection(nameof(Processes))]
public sealed class ContactsTests : IDisposable
{
    private const string Phone = "+31612345678";
    private const string Email = "ann.secret@example.com";

    private readonly ProgramFixture _program = new();

    public ContactsTests() => Keep(("S1", Phone, Email), ("S2", Phone, ""), ("S3", "", "other@example.com"));

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData("--session", "S3", 1, "S3")]
    [InlineData("--session", "S9", 0, "S9")]
    [InlineData("--email", Email, 1, "S1")]
    [InlineData("--email", "nobody@example.com", 0, "")]
    [InlineData("--phone", Phone, 2, "S1 S2")]
    public void What_is_erased_is_counted_and_stays_so_over_a_replay(string option, string value, int sessions, string erased)
    {
        var end = Erase(option, value);

        Assert.True(end is { ExitCode: 0, Output: "" }, end.ToString());
        Assert.Equal(
            sessions switch
            {
                0 => "There is no such contact data in the store.\n",
                1 => "The contact data of 1 session was erased for good.\n",
                _ => $"The contact data of {sessions} sessions was erased for good.\n",
            },
            end.Errors);
        Keep(("S1", Phone, Email), ("S2", Phone, ""), ("S3", "", "other@example.com"));
        using var store = SqliteBillStore.OpenToRead(_program.Store, TimeProvider.System);
        Assert.Equal(erased, string.Join(' ', store.ReadContacts().Where(contact => contact.IsErased).Select(contact => contact.SessionId)));
        Assert.All(store.ReadContacts(), contact => Assert.Equal(contact.IsErased, contact is { PhoneNumber: null, Email: null }));
    }

    [Theory]
    [InlineData("--email", Email + "\n")]
    [InlineData("--email", " " + Email + " \r\n")]
    [InlineData("--phone", Phone)]
    [InlineData("--session", "S1\n")]
    public void A_dash_reads_it_from_standard_input(string option, string input)
    {
        using var process = CliProcess.Start("contacts", "erase", "--store", $"sqlite:{_program.Store}", option, "-");
        process.Input.Write(Encoding.UTF8.GetBytes(input));
        var end = process.End();
        Assert.True(end.ExitCode == 0, end.ToString());
        using var store = SqliteBillStore.OpenToRead(_program.Store, TimeProvider.System);
        Assert.Contains("S1", store.ReadContacts().Where(contact => contact.IsErased).Select(contact => contact.SessionId));
    }

    [Theory]
    [InlineData()]
    [InlineData("--session")]
    [InlineData("--session", "S1", "--email", Email)]
    [InlineData("--email", Email, "--phone", Phone)]
    [InlineData("--email", Email, "--email", Email)]
    [InlineData("--email", Email, Email)]
    [InlineData("--emial", Email)]
    [InlineData(Email)]
    [InlineData("--email", "")]
    [InlineData("--phone", "-")]
    [InlineData("--store", "none.db", "--email", Email)]
    public void Exactly_one_of_three_is_erased_and_nothing_personal_is_printed(params string[] arguments)
    {
        var end = Erase(arguments);

        Assert.True(end is { ExitCode: 2, Output: "" }, end.ToString());
        Assert.DoesNotContain("ann", end.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("+31", end.Errors, StringComparison.Ordinal);
        Assert.Contains("evbilling contacts erase --help", end.Errors, StringComparison.Ordinal);
        using var store = SqliteBillStore.OpenToRead(_program.Store, TimeProvider.System);
        Assert.DoesNotContain(store.ReadContacts(), contact => contact.IsErased);
    }

    [Fact]
    public void A_store_that_is_not_there_is_not_made()
    {
        var end = CliProcess.Run("contacts", "erase", "--store", $"sqlite:{_program.Path("none.db")}", "--email", Email);
        Assert.True(end is { ExitCode: 2, Output: "" }, end.ToString());
        Assert.Contains("none.db", end.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_program.Path("none.db")));
    }

    [Fact]
    public void The_verb_has_help_at_both_levels()
    {
        Assert.Contains("erase", CliProcess.Run("contacts", "--help").Output, StringComparison.Ordinal);
        var help = CliProcess.Run("contacts", "erase", "--help");
        Assert.True(help.ExitCode == 0, help.ToString());
        Assert.Contains("evbilling contacts erase --store sqlite:bills.db --session S-1", help.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<rest>", help.Output, StringComparison.Ordinal);
    }

    private CliEnd Erase(params string[] arguments) => CliProcess.Run(["contacts", "erase", "--store", $"sqlite:{_program.Store}", .. arguments]);

    private void Keep(params (string Session, string Phone, string Email)[] contacts)
    {
        using var store = SqliteBillStore.Open(_program.Store, TimeProvider.System);
        store.BeginWriting();
        var batch = new CommitBatch();
        foreach (var (session, phone, email) in contacts)
        {
            batch.Contacts.Add(new(Append(session), Append(phone), Append(email)));
        }
        Stores.Batches.Commit(store, batch);

        EvBilling.Events.TextSlice Append(string text) => batch.Texts.Append(Encoding.UTF8.GetBytes(text));
    }
}
