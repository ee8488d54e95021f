using CsCheck;
using EvBilling.Locations;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Tests.Tariffs;

/// <summary>The book against the rules written down a second time, the plain way: a walk over all versions for every step.</summary>
public class TariffBookPropertyTests
{
    private static Instant? At(int hour) => hour < 0 ? null : Instant.FromUnixTimeSeconds(hour * 3600L);

    private static readonly Gen<TariffVersion<int>[]> GenVersions =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[-1, 4], Gen.Int[-1, 6], Gen.Int[-1, 4]).Array[0, 12].Select(rows => rows
            .Select((row, index) => new TariffVersion<int>
            {
                Id = $"T{row.Item1}",
                CountryCode = row.Item2 == 0 ? null : "NL",
                PartyId = row.Item2 == 0 ? null : $"P{row.Item2}",
                StartDateTime = At(row.Item3),
                EndDateTime = At(row.Item4),
                LastUpdated = At(row.Item5),
                LoadedSequence = index + 1,
                ContentHash = $"{index}",
                Payload = index,
            })
            .ToArray());

    private static readonly Gen<string> GenId = Gen.OneOf(
        Gen.Const(""),
        Gen.Int[0, 4].Select(id => $"T{id}"),
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 2], (id, party) => $"NL*P{party}*T{id}"),
        Gen.Int[0, 4].Select(id => $"**T{id}"));

    private static readonly Gen<(string[] Ids, int Hour, long NotLoadedAfter)> GenQuery =
        Gen.Select(GenId.Array[7], Gen.Int[-1, 6], Gen.Long[0, 13]);

    [Fact]
    public void The_choice_is_that_of_the_rules_applied_one_by_one() =>
        Gen.Select(GenVersions, GenQuery).Sample((versions, q) =>
        {
            var expected = Reference(versions, q.Ids, At(q.Hour) ?? Instant.MinValue, q.NotLoadedAfter);
            var actual = new TariffBook<int>(versions).Choose(Query(q.Ids, q.Hour, q.NotLoadedAfter));
            Assert.Equal(expected, (actual.Outcome, actual.Version?.Payload, actual.TariffIdUnknown, actual.TariffId));
        }, iter: 20_000);

    [Fact]
    public void The_order_in_which_versions_are_given_does_not_matter() =>
        Gen.Select(GenVersions, GenQuery, Gen.Int[0, 1000]).Sample((versions, q, seed) =>
        {
            var query = Query(q.Ids, q.Hour, q.NotLoadedAfter);
            var shuffled = versions.OrderBy(version => HashCode.Combine(seed, version.Payload)).ToArray();
            Assert.Equal(new TariffBook<int>(versions).Choose(in query), new TariffBook<int>(shuffled).Choose(in query));
        });

    [Fact]
    public void Versions_that_may_not_compete_might_as_well_not_be_there() =>
        Gen.Select(GenVersions, GenQuery).Sample((versions, q) =>
        {
            var query = Query(q.Ids, q.Hour, q.NotLoadedAfter);
            var loadedByThen = versions.Where(version => version.LoadedSequence <= q.NotLoadedAfter);
            Assert.Equal(new TariffBook<int>(loadedByThen).Choose(query with { NotLoadedAfter = null }), new TariffBook<int>(versions).Choose(in query));
        });

    private static TariffQuery Query(string[] ids, int hour, long notLoadedAfter)
    {
        var socket = new Connector { Id = "1", TariffIds = [ids[1], ids[2]] };
        var place = new LocationBook(
        [
            new Location
            {
                Id = "L",
                TariffIds = [ids[5]],
                Stations = [new Station("S", [ids[4]])],
                Evses = [new Evse { EvseId = "E", StationId = "S", TariffIds = [ids[3]], Connectors = [socket] }],
            },
        ]).Find("L", "S", "E", "1");
        return new TariffQuery(ids[0], place, ids[6], At(hour) ?? Instant.MinValue, notLoadedAfter);
    }

    private static (TariffOutcome Outcome, int? Payload, bool IdUnknown, string? TariffId) Reference(
        TariffVersion<int>[] versions, string[] ids, Instant start, long notLoadedAfter)
    {
        static string Publisher(TariffVersion<int> version) => $"{version.CountryCode}*{version.PartyId}";
        var competing = versions.Where(version => version.LoadedSequence <= notLoadedAfter).ToList();
        var idUnknown = false;
        foreach (var id in ids.Where(id => id.Length > 0))
        {
            var named = competing.Where(version => version.Id == id || $"{Publisher(version)}*{version.Id}" == id).ToList();
            if (named.Count == 0)
            {
                idUnknown = true;
                continue;
            }
            if (named.Select(Publisher).Distinct().Count() > 1)
            {
                return (TariffOutcome.TariffAmbiguous, null, idUnknown, id);
            }
            Instant Began(TariffVersion<int> version) => version.StartDateTime ?? version.LastUpdated ?? Instant.MinValue;
            var inOrder = named.OrderBy(Began).ThenBy(version => version.LastUpdated ?? Instant.MinValue).ThenBy(version => version.LoadedSequence).ToList();
            var inForce = inOrder.LastOrDefault(version => Began(version) <= start) ?? inOrder[0];
            return inForce.EndDateTime <= start
                ? (TariffOutcome.UnknownTariff, null, idUnknown, id)
                : (TariffOutcome.Found, inForce.Payload, idUnknown, id);
        }
        return (TariffOutcome.UnknownTariff, null, idUnknown, null);
    }
}
