using System.CommandLine;

namespace EvBilling.Cli.Verbs;

internal static class DemoVerb
{
    public static Command Create(CancellationToken stop) => new("demo");
}
