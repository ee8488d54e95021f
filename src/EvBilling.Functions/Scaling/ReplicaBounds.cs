namespace EvBilling.Functions.Scaling;

/// <summary>The least and the most replicas that are ever asked for, both included.</summary>
internal readonly record struct ReplicaBounds(int Min, int Max)
{
    public bool Contain(long replicas) => replicas >= Min && replicas <= Max;

    /// <summary>A number outside is refused, never moved to the nearest: who asks for 500 must not get 16 and believe it was 500.</summary>
    /// <exception cref="RefusalException">It is outside.</exception>
    public int Check(long replicas) => Contain(replicas)
        ? (int)replicas
        : throw new RefusalException(Refusal.OutOfBounds, $"replicas is {replicas}; it must be from {Min} to {Max}.");
}
