namespace EvBilling.Locations;

/// <summary>
/// Finds values by an OCPI id. Those ids are case-insensitive (CiString), yet publishers exist whose ids differ by case only:
/// the same spelling is taken first, another one only if no two of the ids differ by case alone.
/// </summary>
internal sealed class IdIndex<TValue>
    where TValue : class
{
    private readonly Dictionary<string, TValue>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly Dictionary<string, TValue?>.AlternateLookup<ReadOnlySpan<char>> _folded;

    public IdIndex(IReadOnlyCollection<KeyValuePair<string, TValue>> values)
    {
        var exact = new Dictionary<string, TValue>(values.Count, StringComparer.Ordinal);
        var folded = new Dictionary<string, TValue?>(values.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (id, value) in values)
        {
            exact.Add(id, value);
            if (!folded.TryAdd(id, value))
            {
                folded[id] = null;
            }
        }
        _exact = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _folded = folded.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The value of the id; null if there is none.</summary>
    public TValue? Find(ReadOnlySpan<char> id) =>
        _exact.TryGetValue(id, out var value) || _folded.TryGetValue(id, out value) ? value : null;
}
