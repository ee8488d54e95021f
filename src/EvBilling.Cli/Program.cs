using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using EvBilling.Cli;
using EvBilling.Cli.Verbs;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var root = new Command(
    "evbilling",
    "EvBilling turns what EV charge points report into bills that can be defended.\n\n"
    + "Start with:  evbilling demo\n"
    + "Exit codes:  0 done; 1 failed on the way; 2 wrong use or unreadable input (nothing was written).")
{
    DemoVerb.Create(stop.Token),
    SimulateVerb.Create(stop.Token),
    RunVerb.Create(stop.Token),
    SparkVerb.Create(stop.Token),
    BillsVerb.Create(),
    ExplainVerb.Create(),
    PriceVerb.Create(stop.Token),
    GenerateVerb.Create(stop.Token),
    DeadLetterVerb.Create(stop.Token),
    StatusVerb.Create(),
    BenchVerb.Create(stop.Token),
    ContactsVerb.Create(),
    SchemaVerb.Create(),
    new HelpOption { Action = new HelpWithExamples() },
    new VersionOption(),
};
return CommandRunner.Run(root, args);

// What is under way is committed, then the program ends by itself.
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
