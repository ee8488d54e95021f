using System.CommandLine;
using System.Numerics;
using System.Text;
using EvBilling.Billing;
using EvBilling.Cli.Explain;
using EvBilling.Cli.Running;
using EvBilling.Engine;
using EvBilling.Simulator;

namespace EvBilling.Cli.Verbs;

/// <summary><c>demo</c>: the whole way once, from a simulated fleet to a bill explained.</summary>
internal static class DemoVerb
{
    public static Command Create(CancellationToken stop)
    {
        var defaults = new SimulationOptions();
        var stations = new Option<int>("--stations")
        {
            Description = "How many charging stations.",
            HelpName = "N",
            DefaultValueFactory = _ => defaults.Stations,
        };
        var hours = new Option<int>("--hours") { Description = "How many hours are simulated.", HelpName = "H", DefaultValueFactory = _ => defaults.Hours };
        var seed = new Option<long>("--seed")
        {
            Description = "The same seed gives the same fleet and the same bills.",
            HelpName = "N",
            DefaultValueFactory = _ => defaults.Seed,
        };
        var directory = new Option<string>("--directory")
        {
            Description = "Where its files go: a folder that is empty, not there yet, or of an earlier demo.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "./evbilling-demo",
        };
        var json = new Option<bool>("--json") { Description = "Tell the story on stderr, and print a JSON object of what was done as the last line." };
        var command = new Verb(
            "demo",
            "A simulated fleet with the field's faults, its events and their bills; what happened, one bill explained, what to try next.",
            "evbilling demo\n"
            + "evbilling demo --stations 200 --hours 72 --seed 7 --directory demo-7")
        {
            stations, hours, seed, directory, json,
        };
        command.SetAction(parsed =>
        {
            var options = new SimulationOptions
            {
                Stations = parsed.GetValue(stations),
                Hours = parsed.GetValue(hours),
                Seed = parsed.GetValue(seed),
                Faults = FaultProfile.Field,
                StateTariffs = true,
            };
            // Before anything is made anew.
            Check(options);
            Run(options, DemoFolder.Prepare(parsed.GetValue(directory)!), parsed.GetValue(json), stop);
            return 0;
        });
        return command;
    }

    private static void Run(SimulationOptions options, DemoFolder folder, bool json, CancellationToken stop)
    {
        using var output = new StreamWriter(json ? Console.OpenStandardError() : Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var story = new DemoStory(output, folder);
        var simulated = SimulateVerb.Simulate(options, folder.Events, folder.Tariffs, folder.Locations, null, stop);
        story.TellEvents(options, simulated);

        var run = new RunOptions();
        var stored = new StoredOptions(null, null, new BillingOptions().MaxSessionNs / 1_000_000_000, (long)run.CloseAfter.TotalSeconds);
        var billed = Runner.Run(new(EventSource.OfFiles([folder.Events]), folder.Tariffs, folder.Locations, folder.Store, stored, run), stop);
        if (simulated.Cancelled || !billed.Finished)
        {
            CommandRunner.Say("the demo was stopped; started again, it is made anew.");
        }
        else
        {
            using var store = StoreTarget.OpenToRead(folder.Store);
            Bill[] bills = [.. BillListing.Read(store, null, false)];
            story.TellBills(billed, bills);
            var shown = bills.OrderByDescending(Interest).FirstOrDefault();
            if (shown is not null)
            {
                story.Introduce(shown);
                StoreExplainer.Write(output, store, shown.SessionId);
            }
            var other = bills.Where(bill => bill != shown)
                .OrderByDescending(bill => BitOperations.PopCount((ulong)bill.Flags)).ThenByDescending(Interest).FirstOrDefault();
            story.Suggest(shown is not null, other, billed.DeadLetters);
        }
        if (json)
        {
            Console.Out.WriteLine(Json(simulated, billed));
        }
    }

    // Many lines, some waiting, some flag: a bill that shows what there is to explain. Of equal ones the first by session id is taken.
    private static int Interest(Bill bill) => bill.Status == BillStatus.Final
        ? (bill.Lines.Count * 4) + (bill.WaitingNs > 0 ? 2 : 0) + BitOperations.PopCount((ulong)bill.Flags)
        : -1;

    private static void Check(SimulationOptions options)
    {
        try
        {
            options.Validate();
        }
        catch (SimulationOptionsException e)
        {
            throw new UsageException("--" + e.Message);
        }
    }

    /// <summary>The members of <c>run --json</c>, and those of <c>simulate --json</c> in a member of their own, as both have events and duplicates.</summary>
    private static string Json(SimulationSummary simulated, RunSummary billed) => JsonObjectText.Of(writer =>
    {
        RunVerb.WriteMembers(writer, billed);
        writer.WriteStartObject("simulated");
        SimulateVerb.WriteMembers(writer, simulated);
        writer.WriteEndObject();
    });
}
