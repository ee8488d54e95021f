namespace EvBilling.Functions.Scaling;

/// <summary>What the scale subresource says.</summary>
/// <param name="Desired">The replicas that are asked for.</param>
/// <param name="Current">The pods that there are; they follow the desired ones one after the other.</param>
/// <param name="ResourceVersion">Changes with each change of the set, its status included.</param>
internal sealed record ScaleState(int Desired, int Current, string ResourceVersion);

/// <summary>The set whose replicas are changed.</summary>
internal interface IScaleTarget
{
    /// <summary>Its name.</summary>
    string Set { get; }

    /// <exception cref="RefusalException">The cluster does not tell.</exception>
    Task<ScaleState> Read(CancellationToken cancellation);

    /// <summary>Asks for replicas, if the set is still at that version.</summary>
    /// <param name="dryRun">The server checks the change and does not make it.</param>
    /// <returns>False if something else has changed the set since.</returns>
    /// <exception cref="RefusalException">The cluster refuses, or does not answer.</exception>
    Task<bool> TryWrite(string resourceVersion, int replicas, bool dryRun, CancellationToken cancellation);
}
