namespace EvBilling.Functions.Cluster;

/// <summary>Bearer tokens for the API server.</summary>
internal interface IClusterTokens
{
    /// <param name="anew">The last one was refused: ask for another one even if that seems good.</param>
    /// <exception cref="RefusalException">There is none.</exception>
    ValueTask<string> Get(bool anew, CancellationToken cancellation);
}
