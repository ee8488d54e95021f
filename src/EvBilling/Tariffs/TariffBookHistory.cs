using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>A name for tariffs, bare or with the publisher, and the tariffs it may mean.</summary>
internal sealed record TariffNames<TPayload>(string Name, TariffHistory<TPayload>[] Histories);

/// <summary>The versions of one publisher's tariff, in the order in which they take effect.</summary>
internal sealed class TariffHistory<TPayload>
{
    private readonly TariffVersion<TPayload>[] _versions;

    // Apart from the versions, so that a search reads neighbouring memory.
    private readonly Instant[] _began;

    public TariffHistory(IEnumerable<TariffVersion<TPayload>> versions)
    {
        _versions =
        [
            .. versions
                .GroupBy(version => (version.ContentHash, version.Began, version.LastUpdated, version.EndDateTime))
                .Select(sameContent => sameContent.MinBy(version => version.LoadedSequence)!)
                .OrderBy(version => version.Began)
                .ThenBy(version => version.LastUpdated ?? Instant.MinValue)
                .ThenBy(version => version.LoadedSequence)
                // Sequences are distinct in a store; where a caller repeats one, the result must still not depend on the order given.
                .ThenBy(version => version.ContentHash, StringComparer.Ordinal),
        ];
        _began = [.. _versions.Select(version => version.Began)];
        FirstLoaded = _versions.Min(version => version.LoadedSequence);
    }

    /// <summary>The least LoadedSequence.</summary>
    public long FirstLoaded { get; }

    /// <summary>The version for a session that starts then, of those loaded no later than given; null: it has ended, or none was loaded by then.</summary>
    public TariffVersion<TPayload>? InForce(Instant sessionStart, long notLoadedAfter)
    {
        var later = FirstThatBeganAfter(sessionStart);
        for (var i = later - 1; i >= 0; i--)
        {
            if (_versions[i].LoadedSequence <= notLoadedAfter)
            {
                return UnlessEnded(_versions[i], sessionStart);
            }
        }
        for (var i = later; i < _versions.Length; i++)
        {
            if (_versions[i].LoadedSequence <= notLoadedAfter)
            {
                return UnlessEnded(_versions[i], sessionStart);
            }
        }
        return null;
    }

    /// <summary>The versions that began after the one and before the other moment, in order; of those that began together the one that counts.</summary>
    public List<TariffVersion<TPayload>> BeganWithin(Instant after, Instant before, long notLoadedAfter)
    {
        var found = new List<TariffVersion<TPayload>>();
        for (var i = FirstThatBeganAfter(after); i < _versions.Length && _began[i] < before; i++)
        {
            if (_versions[i].LoadedSequence > notLoadedAfter)
            {
                continue;
            }
            if (found.Count > 0 && found[^1].Began == _began[i])
            {
                found.RemoveAt(found.Count - 1);
            }
            found.Add(_versions[i]);
        }
        return found;
    }

    /// <summary>CC*PARTY*id, the codes in capitals.</summary>
    public static string QualifiedId(string? countryCode, string? partyId, string id) => $"{$"{countryCode}*{partyId}".ToUpperInvariant()}*{id}";

    private static TariffVersion<TPayload>? UnlessEnded(TariffVersion<TPayload> version, Instant sessionStart) =>
        version.EndDateTime is { } end && sessionStart >= end ? null : version;

    private int FirstThatBeganAfter(Instant instant)
    {
        var (low, high) = (0, _began.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _began[middle] <= instant ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
