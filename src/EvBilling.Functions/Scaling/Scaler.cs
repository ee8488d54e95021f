namespace EvBilling.Functions.Scaling;

/// <summary>What became of a wish for replicas.</summary>
/// <param name="From">Asked for before.</param>
/// <param name="To">Asked for now; with a dry run, what would be.</param>
internal sealed record ScaleResult(int From, int To, bool IsDryRun)
{
    public bool IsChanged => From != To && !IsDryRun;

    /// <summary>A word for the log.</summary>
    public string Outcome => IsChanged ? "changed" : From == To ? "unchanged" : "dry run";
}

/// <summary>
/// Changes the number of replicas by reading and writing at that version, so that <see cref="ScaleResult.From"/> is what this very change replaced. The same number is
/// not written. When another client comes between, it looks again, and after some times gives up.
/// </summary>
internal sealed class Scaler(IScaleTarget target, TimeProvider time, Random random)
{
    public const int AttemptsMax = 8;

    private const int FirstPauseMs = 10;
    private const int PauseMsMax = 250;

    /// <param name="wanted">The replicas to ask for, by those that are asked for.</param>
    /// <exception cref="RefusalException">The cluster refuses, does not answer, or others never leave the set alone.</exception>
    public async Task<ScaleResult> Scale(Func<int, int> wanted, bool dryRun, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var state = await target.Read(cancellation);
            var to = wanted(state.Desired);
            if (to == state.Desired || await target.TryWrite(state.ResourceVersion, to, dryRun, cancellation))
            {
                return new(state.Desired, to, dryRun);
            }
            if (attempt == AttemptsMax)
            {
                throw new RefusalException(Refusal.Conflict, $"Others changed the set during each of {AttemptsMax} attempts; nothing was changed. Try again.");
            }
            await Task.Delay(PauseAfter(attempt), time, cancellation);
        }
    }

    // From half to the whole of a pause that doubles: clients that met once do not meet again.
    private TimeSpan PauseAfter(int attempt)
    {
        var pauseMs = Math.Min(FirstPauseMs << (attempt - 1), PauseMsMax);
        return TimeSpan.FromMilliseconds((pauseMs * 0.5) + (pauseMs * 0.5 * random.NextDouble()));
    }
}
