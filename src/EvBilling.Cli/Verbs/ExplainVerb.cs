using System.CommandLine;

namespace EvBilling.Cli.Verbs;

internal static class ExplainVerb
{
    public static Command Create() => new("explain");
}
