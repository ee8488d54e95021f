using System.Text;
using CsCheck;
using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Tests.Locations;

public class LocationBookTests
{
    private static Connector Socket(string id, params string[] tariffs) => new() { Id = id, TariffIds = [.. tariffs] };

    private static Evse Evse(string evseId, string? uid = null, string? station = null, bool removed = false, params Connector[] connectors) =>
        new() { EvseId = evseId, Uid = uid, StationId = station, Removed = removed, Connectors = [.. connectors] };

    private static Location Place(string id, params Evse[] evses) => new() { Id = id, Evses = [.. evses] };

    /// <summary>What was found, as "location/station/evse/connector" with "-" for a level not found, and "?" if the ids fit several.</summary>
    private static string Found(LocationBook book, string ids)
    {
        var id = ids.Split('/').Select(part => part == "-" ? null : part).ToArray();
        var match = book.Find(id[0], id[1], id[2], id[3]);
        var utf8 = id.Select(part => Encoding.UTF8.GetBytes(part ?? "")).ToArray();
        Assert.Equal(match, book.Find(utf8[0], utf8[1], utf8[2], utf8[3]));
        string?[] found = [match.Location?.Id, match.Station?.Id, match.Evse?.EvseId, match.Connector?.Id];
        return string.Join('/', found.Select(part => part ?? "-")) + (match.Ambiguous ? "?" : "");
    }

    private static readonly LocationBook Town = new(
    [
        Place(
            "A",
            Evse("A1", "u1", null, false, Socket("1"), Socket("2")),
            Evse("A2", "u2", null, false, Socket("1"), Socket("3")),
            Evse("Both", "both")),
        Place("B", Evse("B1", "u1", null, false, Socket("x")), Evse("Both", "both")),
        Place("One", Evse("One1", "one", null, false, Socket("1", "T")), Evse("Gone", "gone", null, removed: true)),
        Place(
            "S",
            Evse("S1a", "1", "S1", false, Socket("1")),
            Evse("S1b", "2", "S1", false, Socket("2")),
            Evse("S2a", "1", "S2", false, Socket("1")),
            Evse("Loose", "9")),
        Place("T", Evse("T3a", "1", "S3"), Evse("T1a", "t", "S1")),
    ]);

    [Theory]
    // The location is stated: the EVSE by evse_id or uid within it, the connector within the EVSE.
    [InlineData("A/-/A1/2", "A/-/A1/2")]
    [InlineData("A/-/u1/2", "A/-/A1/2")]
    [InlineData("B/-/u1/x", "B/-/B1/x")]
    [InlineData("A/-/Both/-", "A/-/Both/-")]
    [InlineData("A/-/A1/9", "A/-/A1/-")]
    [InlineData("A/-/A1/-", "A/-/A1/-")]
    [InlineData("B/-/B1/-", "B/-/B1/x")]
    [InlineData("A/-/B1/x", "A/-/-/-")]
    [InlineData("A/-/-/-", "A/-/-/-")]
    [InlineData("A/-/-/3", "A/-/A2/3")]
    [InlineData("A/-/-/1", "A/-/-/-")]
    [InlineData("One/-/-/-", "One/-/One1/1")]
    [InlineData("One/-/-/7", "One/-/One1/-")]
    [InlineData("One/-/Gone/-", "One/-/Gone/-")]
    // A location that is in no file matches nothing, whatever else is stated.
    [InlineData("Z/-/A1/1", "-/-/-/-")]
    // The location is not stated: the EVSE over all, unless two locations have it.
    [InlineData("-/-/A1/1", "A/-/A1/1")]
    [InlineData("-/-/one/-", "One/-/One1/1")]
    [InlineData("-/-/Both/-", "-/-/-/-?")]
    [InlineData("-/-/u1/1", "-/-/-/-?")]
    [InlineData("-/-/None/1", "-/-/-/-")]
    [InlineData("-/-/-/1", "-/-/-/-")]
    [InlineData("-/-/-/-", "-/-/-/-")]
    // The station narrows the EVSEs to its own.
    [InlineData("S/S1/1/-", "S/S1/S1a/1")]
    [InlineData("S/S2/1/-", "S/S2/S2a/1")]
    [InlineData("S/-/1/-", "S/-/-/-?")]
    [InlineData("S/-/S1b/-", "S/S1/S1b/2")]
    [InlineData("S/S1/Loose/-", "S/S1/Loose/-")]
    [InlineData("S/S1/S2a/-", "S/S1/-/-")]
    [InlineData("S/S9/S2a/-", "S/S2/S2a/1")]
    [InlineData("S/S2/-/-", "S/S2/S2a/1")]
    [InlineData("S/S1/-/-", "S/S1/-/-")]
    [InlineData("S/S1/-/2", "S/S1/S1b/2")]
    // The station finds the location; where two have it, only an EVSE tells them apart.
    [InlineData("-/S2/-/-", "S/S2/S2a/1")]
    [InlineData("-/S3/1/-", "T/S3/T3a/-")]
    [InlineData("-/S1/-/-", "-/-/-/-?")]
    [InlineData("-/S1/1/-", "S/S1/S1a/1")]
    [InlineData("-/S1/t/-", "T/S1/T1a/-")]
    [InlineData("-/S1/none/-", "-/-/-/-?")]
    [InlineData("-/S9/A1/1", "A/-/A1/1")]
    // Ids are case-insensitive where that leaves no doubt.
    [InlineData("a/-/a1/1", "A/-/A1/1")]
    [InlineData("-/s2/-/-", "S/S2/S2a/1")]
    public void Ids_lead_to_the_place_they_name(string ids, string found) => Assert.Equal(found, Found(Town, ids));

    [Fact]
    public void An_evse_id_goes_before_the_same_text_as_uid()
    {
        var book = new LocationBook([Place("L", Evse("1", "2"), Evse("2", "1"))]);
        Assert.Equal("L/-/1/-", Found(book, "L/-/1/-"));
        Assert.Equal("L/-/2/-", Found(book, "-/-/2/-"));
    }

    [Fact]
    public void Ids_that_differ_by_case_alone_stay_apart()
    {
        var book = new LocationBook([Place("ab"), Place("AB")]);
        Assert.Equal("ab/-/-/-", Found(book, "ab/-/-/-"));
        Assert.Equal("AB/-/-/-", Found(book, "AB/-/-/-"));
        Assert.Equal("-/-/-/-", Found(book, "Ab/-/-/-"));
    }

    [Fact]
    public void A_removed_evse_counts_only_where_no_other_has_its_id()
    {
        var book = new LocationBook(
        [
            Place("Old", Evse("E", "1", null, removed: true), Evse("Last", "2", null, removed: true)),
            Place("New", Evse("E", "3", null, removed: true), Evse("E", "4", null, false, Socket("c"))),
        ]);
        Assert.Equal("New/-/E/c", Found(book, "-/-/E/-"));
        Assert.Equal("Old/-/E/-", Found(book, "Old/-/E/-"));
        Assert.Equal("Old/-/Last/-", Found(book, "-/-/Last/-"));
    }

    [Fact]
    public void The_connector_tells_evses_of_one_id_within_a_location_apart()
    {
        var book = new LocationBook([Place("L", Evse("E", "1", null, false, Socket("a")), Evse("E", "2", null, false, Socket("b")))]);
        Assert.Equal("L/-/E/b", Found(book, "-/-/E/b"));
        Assert.Equal("L/-/-/-?", Found(book, "-/-/E/-"));
    }

    [Theory]
    [InlineData(1, 2, "second")]
    [InlineData(2, 1, "first")]
    [InlineData(1, 1, "second")]
    [InlineData(null, null, "second")]
    [InlineData(null, 1, "second")]
    [InlineData(1, null, "first")]
    public void Of_one_location_loaded_twice_the_newest_counts_and_if_equal_the_last_loaded(int? first, int? second, string name)
    {
        static Instant? At(int? day) => day is { } d ? Instant.FromUtc(2026, 1, d, 0, 0) : null;
        var book = new LocationBook(
        [
            new Location { Id = "L", Name = "first", LastUpdated = At(first), Evses = [Evse("first")] },
            new Location { Id = "L", Name = "second", LastUpdated = At(second), Evses = [Evse("second")] },
        ]);
        Assert.Equal(name, Assert.Single(book.Locations).Name);
        Assert.Equal($"L/-/{name}/-", Found(book, "L/-/-/-"));
        Assert.Equal("-/-/-/-", Found(book, $"-/-/{(name == "first" ? "second" : "first")}/-"));
    }

    [Fact]
    public void A_location_id_of_two_publishers_is_told_apart_by_the_evse_only()
    {
        var book = new LocationBook(
        [
            new Location { Id = "1", CountryCode = "NL", PartyId = "AAA", Name = "old", Evses = [Evse("A")] },
            new Location { Id = "1", CountryCode = "nl", PartyId = "aaa", Name = "new", Evses = [Evse("A")] },
            new Location { Id = "1", CountryCode = "NL", PartyId = "BBB", Evses = [Evse("B")] },
        ]);
        Assert.Equal(2, book.Locations.Count);
        Assert.Equal("new", book.Find("1", null, "A", null).Location!.Name);
        Assert.Equal("BBB", book.Find("1", null, "B", null).Location!.PartyId);
        Assert.Equal("-/-/-/-?", Found(book, "1/-/-/-"));
        Assert.Equal("-/-/-/-?", Found(book, "1/-/C/-"));
    }

    [Fact]
    public void A_location_without_a_publisher_belongs_to_the_only_one_there_is()
    {
        var book = new LocationBook([new Location { Id = "1", CountryCode = "NL", PartyId = "AAA" }, new Location { Id = "1", Name = "new" }]);
        Assert.Equal("new", Assert.Single(book.Locations).Name);
    }

    [Fact]
    public void Without_a_connector_stated_the_tariffs_that_all_connectors_share_are_known()
    {
        var book = new LocationBook(
        [
            Place(
                "L",
                Evse("Same", null, null, false, Socket("1", "A", "B"), Socket("2", "A", "B")),
                Evse("Other", null, null, false, Socket("1", "A", "B"), Socket("2", "B", "A")),
                Evse("None")),
        ]);
        Assert.Equal(["A", "B"], book.Find("L", null, "Same", null).ConnectorTariffIds);
        Assert.Null(book.Find("L", null, "Same", null).Connector);
        Assert.Empty(book.Find("L", null, "Same", "9").ConnectorTariffIds);
        Assert.Empty(book.Find("L", null, "Other", null).ConnectorTariffIds);
        Assert.Equal(["B", "A"], book.Find("L", null, "Other", "2").ConnectorTariffIds);
        Assert.Empty(book.Find("L", null, "None", null).ConnectorTariffIds);
        Assert.Empty(default(LocationMatch).ConnectorTariffIds);
    }

    [Fact]
    public void Ids_longer_than_any_that_ocpi_allows_are_still_found()
    {
        var id = new string('é', 300);
        Assert.Equal($"{id}/-/-/-", Found(new LocationBook([Place(id)]), $"{id}/-/-/-"));
    }

    [Fact]
    public void An_empty_book_finds_nothing() => Assert.Equal(default, LocationBook.Empty.Find("A", "B", "C", "D"));

    [Fact]
    public void An_evse_named_with_its_location_is_found_in_any_book_and_without_it_only_if_no_other_location_has_the_id()
    {
        var genLocations = Gen.Int[0, 9].Array[0, 6].Array[0, 8];
        Gen.Select(genLocations, Gen.Int[0, 8], Gen.Int[0, 9]).Sample((layout, location, evse) =>
        {
            var book = new LocationBook(layout.Select((ids, l) => Place($"L{l}", [.. ids.Distinct().Select(id => Evse($"E{id}", $"u{id}"))])));
            var holders = Enumerable.Range(0, layout.Length).Where(l => layout[l].Contains(evse)).ToList();
            foreach (var id in (string[])[$"E{evse}", $"u{evse}", $"e{evse}"])
            {
                var within = book.Find($"L{location}", null, id, null);
                Assert.Equal(location < layout.Length ? $"L{location}" : null, within.Location?.Id);
                var expectedEvse = holders.Contains(location) ? $"E{evse}" : null;
                Assert.Equal(expectedEvse, within.Evse?.EvseId);
                var overall = book.Find(null, null, id, null);
                Assert.Equal(holders.Count == 1 ? $"L{holders[0]}" : null, overall.Location?.Id);
                Assert.Equal(holders.Count > 1, overall.Ambiguous);
            }
        });
    }

    [Fact]
    public void Every_evse_of_the_dutch_access_point_is_found_by_its_location_and_uid()
    {
        var locations = LocationDocument.Read(SharedData.Read("tariffs/ndw_nl_locations_sample_20260607.jsonl.xz")).Select(entry => entry.Location!).ToList();
        var book = new LocationBook(locations);
        Assert.Equal(locations.Count, book.Locations.Count);
        foreach (var location in locations)
        {
            foreach (var evse in location.Evses)
            {
                Assert.Same(location, book.Find(location.Id, null, evse.Uid, null).Location);
                Assert.Equal(evse.Uid, book.Find(location.Id, null, evse.Uid, null).Evse?.Uid);
            }
        }
    }
}
