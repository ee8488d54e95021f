using System.Globalization;
using EvBilling.Functions.Scaling;

namespace EvBilling.Functions.Timer;

/// <summary>From this lag on, at most so many replicas.</summary>
internal readonly record struct LagStep(long LagRecords, int Replicas);

/// <summary>
/// Holds the fleet back while the workers are behind: the more records wait, the fewer replicas. Released when the lag is below half of what began a step, so that it
/// does not go to and fro.
/// </summary>
/// <param name="Steps">By rising lag and falling replicas.</param>
internal sealed record LagBrake(IReadOnlyList<LagStep> Steps)
{
    /// <summary>The most replicas at that lag.</summary>
    public int MostAt(long lagRecords) => Steps.Where(step => lagRecords >= step.LagRecords).Select(step => step.Replicas).DefaultIfEmpty(int.MaxValue).Last();

    /// <summary>Whether a number is one that the brake has set and has no more reason for. A number that is none of a step's was set by someone else, and is left alone.</summary>
    public bool Releases(int replicas, long lagRecords) => Steps.Any(step => step.Replicas == replicas && lagRecords < step.LagRecords / 2);

    /// <summary>Reads <c>100000:8; 500000:4; 2000000:0</c>.</summary>
    /// <exception cref="SettingsException">It is none, or a number is out of bounds.</exception>
    public static LagBrake Parse(string name, string text, ReplicaBounds bounds)
    {
        var steps = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => Step(part, bounds)).ToList();
        var isOrdered = steps.Zip(steps.Skip(1)).All(pair => pair.First is { } low && pair.Second is { } high && low.LagRecords < high.LagRecords && low.Replicas > high.Replicas);
        return steps.Count > 0 && steps.All(step => step is not null) && isOrdered
            ? new([.. steps.Select(step => step!.Value)])
            : throw new SettingsException(
                $"{name}: \"{text}\" is not a list of LAG:REPLICAS with rising lags and falling replicas from {bounds.Min} to {bounds.Max}. Write it as: 100000:8; 500000:4; 2000000:0");
    }

    private static LagStep? Step(string part, ReplicaBounds bounds) =>
        part.Split(':') is [var lag, var replicas]
        && long.TryParse(lag, NumberStyles.None, CultureInfo.InvariantCulture, out var lagRecords) && lagRecords > 0
        && int.TryParse(replicas, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && bounds.Contain(number)
            ? new LagStep(lagRecords, number)
            : null;
}
