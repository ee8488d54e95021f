using System.Globalization;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers a file of cases, and says how many there were.</summary>
internal static class CaseStream
{
    public const string SourceDescription = "also .gz, or - for standard input; a line of the same order for each.";

    /// <returns>The exit code.</returns>
    public static int Run(string source, Func<CaseCounts, ILineWorker> newWorker, CancellationToken stop)
    {
        using var input = CaseInput.Open(source);
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        var counts = new CaseCounts();
        OrderedLines.Answer(input, output, () => newWorker(counts), stop);
        output.Flush();
        var refused = counts.Errors == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {counts.Errors:N0} with an error");
        CommandRunner.Say(string.Create(
            CultureInfo.InvariantCulture, $"{(stop.IsCancellationRequested ? "stopped after " : "")}{counts.Cases:N0} {(counts.Cases == 1 ? "case" : "cases")}{refused}."));
        return stop.IsCancellationRequested ? 1 : 0;
    }
}
