using System.Collections.Immutable;
using System.Text;
using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>
/// Chooses the tariff version of a session. Immutable, safe for use by several threads, and the same whatever the order in which versions are given;
/// a choice costs a dictionary read or two and a binary search, and allocates nothing.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>The id: the session's own, else the connector's, EVSE's, station's, location's, else the default. Of several ids the first that is in a file;
/// those passed over set <see cref="TariffChoice{TPayload}.TariffIdUnknown"/>. An id that is in a file ends the search, whatever comes of it.</item>
/// <item>An id is taken literally first ("*" has no meaning of its own), else as CC*PARTY*id, which names one publisher's tariff whether or not the
/// bare id is ambiguous; a publisher that states neither is named **id. Case: as OCPI's CiString, except that ids which differ by case alone stay apart.</item>
/// <item>The version: of those ordered by beginning (start_date_time, else last_updated, else before all time), then last_updated, then LoadedSequence,
/// the last that began at or before the session's start; before the first, the first. Once that version has ended there is none:
/// a publisher that ends a version did not mean an older one to come back.</item>
/// </list>
/// </remarks>
public sealed class TariffBook<TPayload>
{
    private const int StackCharacters = 128;

    private readonly IdIndex<TariffNames<TPayload>> _byId;
    private readonly IdIndex<TariffNames<TPayload>> _byQualifiedId;

    public TariffBook(IEnumerable<TariffVersion<TPayload>> versions)
    {
        var byId = new List<KeyValuePair<string, TariffNames<TPayload>>>();
        var byQualifiedId = new List<KeyValuePair<string, TariffNames<TPayload>>>();
        foreach (var sameId in versions.GroupBy(version => version.Id, StringComparer.Ordinal))
        {
            // Country and party codes are case-insensitive in OCPI.
            var histories = sameId
                .GroupBy(version => $"{version.CountryCode}*{version.PartyId}".ToUpperInvariant(), StringComparer.Ordinal)
                .Select(publisher => KeyValuePair.Create(
                    TariffHistory<TPayload>.QualifiedId(publisher.First().CountryCode, publisher.First().PartyId, sameId.Key), new TariffHistory<TPayload>(publisher)))
                .ToList();
            byId.Add(KeyValuePair.Create(sameId.Key, new TariffNames<TPayload>(sameId.Key, [.. histories.Select(pair => pair.Value)])));
            byQualifiedId.AddRange(histories.Select(pair => KeyValuePair.Create(pair.Key, new TariffNames<TPayload>(pair.Key, [pair.Value]))));
        }
        _byId = new IdIndex<TariffNames<TPayload>>(byId);
        _byQualifiedId = new IdIndex<TariffNames<TPayload>>(byQualifiedId);
        Ids = [.. byId.Select(pair => pair.Key).Order(StringComparer.Ordinal)];
    }

    /// <summary>The bare ids in the book, each once, in ordinal order.</summary>
    public ImmutableArray<string> Ids { get; }

    /// <summary>The version that rates the session.</summary>
    public TariffChoice<TPayload> Choose(in TariffQuery query) => Choose(query.StatedTariffId.AsSpan(), in query);

    /// <summary>The same with the session's own tariff id in UTF-8, as it stands in an event's buffer, in place of the query's; empty: none.</summary>
    public TariffChoice<TPayload> Choose(ReadOnlySpan<byte> statedTariffId, in TariffQuery query)
    {
        // A text has at most as many UTF-16 units as UTF-8 bytes.
        Span<char> buffer = statedTariffId.Length <= StackCharacters ? stackalloc char[StackCharacters] : new char[statedTariffId.Length];
        return Choose(buffer[..Encoding.UTF8.GetChars(statedTariffId, buffer)], in query);
    }

    /// <summary>The versions of the same publisher's tariff that come into force within a session, in order.</summary>
    /// <param name="chosen">The one that was chosen for its start.</param>
    /// <param name="start">The session's start; a version that begins then is no change.</param>
    /// <param name="end">Its end, exclusive.</param>
    /// <param name="notLoadedAfter">As in <see cref="TariffQuery"/>.</param>
    public IReadOnlyList<TariffVersion<TPayload>> Changes(TariffVersion<TPayload> chosen, Instant start, Instant end, long? notLoadedAfter)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var publisher = _byQualifiedId.Find(TariffHistory<TPayload>.QualifiedId(chosen.CountryCode, chosen.PartyId, chosen.Id))!.Histories[0];
        return publisher.BeganWithin(Instant.Max(start, chosen.Began), end, notLoadedAfter ?? long.MaxValue);
    }

    private TariffChoice<TPayload> Choose(ReadOnlySpan<char> statedTariffId, in TariffQuery query)
    {
        var place = query.Place;
        var search = new Search(this, in query);
        return search.TryId(statedTariffId, TariffStep.Session, out var choice)
            || search.TryIds(place.ConnectorTariffIds, TariffStep.Connector, out choice)
            || search.TryIds(place.Evse?.TariffIds, TariffStep.Evse, out choice)
            || search.TryIds(place.Station?.TariffIds, TariffStep.Station, out choice)
            || search.TryIds(place.Location?.TariffIds, TariffStep.Location, out choice)
            || search.TryId(query.DefaultTariffId, TariffStep.Default, out choice)
            ? choice
            : new TariffChoice<TPayload>(null, TariffOutcome.UnknownTariff, search.PassedOver, null, TariffStep.None);
    }

    /// <summary>One walk through the steps, until an id is in a file.</summary>
    private ref struct Search(TariffBook<TPayload> book, in TariffQuery query)
    {
        private readonly ref readonly TariffQuery _query = ref query;
        private readonly long _notLoadedAfter = query.NotLoadedAfter ?? long.MaxValue;

        /// <summary>An id was stated that is in no file.</summary>
        public bool PassedOver { get; private set; }

        public bool TryIds(ImmutableArray<string>? ids, TariffStep step, out TariffChoice<TPayload> choice)
        {
            choice = default;
            if (ids is not { IsDefault: false } stated)
            {
                return false;
            }
            foreach (var id in stated)
            {
                if (TryId(id, step, out choice))
                {
                    return true;
                }
            }
            return false;
        }

        public bool TryId(ReadOnlySpan<char> id, TariffStep step, out TariffChoice<TPayload> choice)
        {
            choice = default;
            if (id.IsEmpty)
            {
                return false;
            }
            if (!Try(book._byId.Find(id), step, out choice) && !Try(book._byQualifiedId.Find(id), step, out choice))
            {
                PassedOver = true;
                return false;
            }
            return true;
        }

        private readonly bool Try(TariffNames<TPayload>? tariff, TariffStep step, out TariffChoice<TPayload> choice)
        {
            choice = default;
            if (tariff is null)
            {
                return false;
            }
            TariffHistory<TPayload>? competing = null;
            foreach (var history in tariff.Histories)
            {
                if (history.FirstLoaded > _notLoadedAfter)
                {
                    continue;
                }
                if (competing is not null)
                {
                    choice = new TariffChoice<TPayload>(null, TariffOutcome.TariffAmbiguous, PassedOver, tariff.Name, step);
                    return true;
                }
                competing = history;
            }
            if (competing is null)
            {
                return false;
            }
            var version = competing.InForce(_query.SessionStart, _notLoadedAfter);
            var outcome = version is null ? TariffOutcome.UnknownTariff : TariffOutcome.Found;
            choice = new TariffChoice<TPayload>(version, outcome, PassedOver, tariff.Name, step);
            return true;
        }
    }
}
