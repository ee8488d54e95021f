using System.Text;
using EvBilling.Locations;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Tests.Tariffs;

public class TariffBookTests
{
    /// <summary>A day of January 2026; 0 = not stated.</summary>
    private static Instant? Day(int day) => day == 0 ? null : Instant.FromUtc(2026, 1, day, 0, 0);

    private static TariffVersion<string> Version(
        string id, string name = "v", long sequence = 1, int start = 0, int end = 0, int updated = 0, string? country = null, string? party = null) => new()
        {
            Id = id,
            CountryCode = country,
            PartyId = party,
            StartDateTime = Day(start),
            EndDateTime = Day(end),
            LastUpdated = Day(updated),
            LoadedSequence = sequence,
            ContentHash = $"{id} {name} {country} {party}",
            Payload = name,
        };

    private static readonly Instant Start = Instant.FromUtc(2026, 1, 10, 0, 0);

    private static TariffChoice<string> Choose(TariffBook<string> book, in TariffQuery query)
    {
        var choice = book.Choose(in query);
        Assert.Equal(choice, book.Choose(Encoding.UTF8.GetBytes(query.StatedTariffId ?? ""), query with { StatedTariffId = "not looked at" }));
        return choice;
    }

    private static TariffChoice<string> ChooseStated(TariffBook<string> book, string id, long? notLoadedAfter = null) =>
        Choose(book, new TariffQuery(id, default, null, Start, notLoadedAfter));

    private static LocationMatch Place(string connector, string evse, string station, string location) =>
        new LocationBook(
        [
            new Location
            {
                Id = "L",
                TariffIds = Ids(location),
                Stations = [new Station("S", Ids(station))],
                Evses =
                [
                    new Evse { EvseId = "E", StationId = "S", TariffIds = Ids(evse), Connectors = [new Connector { Id = "1", TariffIds = Ids(connector) }] },
                ],
            },
        ]).Find("L", "S", "E", "1");

    private static System.Collections.Immutable.ImmutableArray<string> Ids(string ids) => [.. ids.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    [Theory]
    [InlineData("A", "B", "C", "D", "E", "F", "A", TariffStep.Session, false)]
    [InlineData("", "B", "C", "D", "E", "F", "B", TariffStep.Connector, false)]
    [InlineData(null, "", "C", "D", "E", "F", "C", TariffStep.Evse, false)]
    [InlineData(null, "", "", "D", "E", "F", "D", TariffStep.Station, false)]
    [InlineData(null, "", "", "", "E", "F", "E", TariffStep.Location, false)]
    [InlineData(null, "", "", "", "", "F", "F", TariffStep.Default, false)]
    [InlineData("x", "B", "C", "D", "E", "F", "B", TariffStep.Connector, true)]
    [InlineData("x", "y", "z", "u", "v", "F", "F", TariffStep.Default, true)]
    [InlineData(null, "x", "", "", "E", null, "E", TariffStep.Location, true)]
    [InlineData(null, "B A", "", "", "", null, "B", TariffStep.Connector, false)]
    [InlineData(null, "x A B", "", "", "", null, "A", TariffStep.Connector, true)]
    [InlineData(null, "x y", "C", "", "", null, "C", TariffStep.Evse, true)]
    [InlineData(null, "", "", "", "", "*", "*", TariffStep.Default, false)]
    [InlineData("*", "", "", "", "", "F", "*", TariffStep.Session, false)]
    public void The_id_is_the_sessions_else_connector_evse_station_location_default_and_one_in_no_file_is_passed_over(
        string? stated, string connector, string evse, string station, string location, string? byDefault, string id, TariffStep step, bool unknown)
    {
        var book = new TariffBook<string>(new[] { "A", "B", "C", "D", "E", "F", "*" }.Select(known => Version(known)));
        var choice = Choose(book, new TariffQuery(stated, Place(connector, evse, station, location), byDefault, Start));
        Assert.Equal((TariffOutcome.Found, id, step, unknown), (choice.Outcome, choice.TariffId, choice.Step, choice.TariffIdUnknown));
        Assert.Equal(id, choice.Version!.Id);
    }

    [Theory]
    [InlineData(null, "", "", "", "", null, false)]
    [InlineData("", "", "", "", "", "", false)]
    [InlineData("x", "", "", "", "", null, true)]
    [InlineData(null, "x", "", "", "", null, true)]
    [InlineData(null, "", "x", "", "", null, true)]
    [InlineData(null, "", "", "x", "", null, true)]
    [InlineData(null, "", "", "", "x", null, true)]
    [InlineData(null, "", "", "", "", "*", true)]
    public void Where_no_id_leads_to_a_tariff_it_is_unknown(
        string? stated, string connector, string evse, string station, string location, string? byDefault, bool unknown)
    {
        var choice = Choose(new TariffBook<string>([Version("A")]), new TariffQuery(stated, Place(connector, evse, station, location), byDefault, Start));
        Assert.Equal(new TariffChoice<string>(null, TariffOutcome.UnknownTariff, unknown, null, TariffStep.None), choice);
    }

    // Each version: name, start day, last_updated day, LoadedSequence; 0 = not stated. The session starts on day 10.
    [Theory]
    [InlineData("a 9 0 1, b 10 0 2, c 11 0 3", "b")]
    [InlineData("a 9 0 1, b 11 0 2", "a")]
    [InlineData("a 11 0 1, b 12 0 2", "a")]
    [InlineData("a 12 0 1, b 11 0 2", "b")]
    [InlineData("a 0 9 1, b 0 10 2, c 0 11 3", "b")]
    [InlineData("a 9 1 1, b 0 10 2", "b")]
    [InlineData("a 9 12 1, b 8 13 2", "a")]
    [InlineData("a 9 3 1, b 9 2 2", "a")]
    [InlineData("a 9 2 1, b 9 3 2", "b")]
    [InlineData("a 9 2 1, b 9 2 2", "b")]
    [InlineData("a 9 2 2, b 9 2 1", "a")]
    [InlineData("a 9 0 2, b 9 1 1", "b")]
    [InlineData("a 0 0 1, b 11 0 2", "a")]
    [InlineData("a 0 0 1, b 9 0 2", "b")]
    [InlineData("a 0 0 2, b 0 0 1", "a")]
    [InlineData("a 11 2 1, b 11 3 2", "a")]
    public void In_force_is_the_last_version_that_began_by_the_sessions_start_and_before_the_first_the_first(string versions, string expected)
    {
        var parsed = versions
            .Split(", ")
            .Select(text => text.Split(' '))
            .Select(v => Version("T", v[0], int.Parse(v[3]), int.Parse(v[1]), 0, int.Parse(v[2])))
            .ToList();
        Assert.Equal(expected, ChooseStated(new TariffBook<string>(parsed), "T").Version!.Payload);
        Assert.Equal(expected, ChooseStated(new TariffBook<string>(Enumerable.Reverse(parsed)), "T").Version!.Payload);
    }

    [Fact]
    public void The_boundaries_of_a_version_are_exact_to_the_nanosecond()
    {
        var book = new TariffBook<string>([Version("T", "old", 1, 5), Version("T", "new", 2, 10, 20)]);
        string? At(Instant start) => Choose(book, new TariffQuery("T", default, null, start)).Version?.Payload;
        Assert.Equal("old", At(Day(10)!.Value - Duration.Epsilon));
        Assert.Equal("new", At(Day(10)!.Value));
        Assert.Equal("new", At(Day(20)!.Value - Duration.Epsilon));
        Assert.Null(At(Day(20)!.Value));
    }

    [Theory]
    [InlineData(0, TariffOutcome.Found)]
    [InlineData(11, TariffOutcome.Found)]
    [InlineData(10, TariffOutcome.UnknownTariff)]
    [InlineData(9, TariffOutcome.UnknownTariff)]
    public void A_version_that_has_ended_by_the_sessions_start_is_not_replaced_by_an_older_one_or_another_id(int end, TariffOutcome outcome)
    {
        var book = new TariffBook<string>([Version("T", "old", 1, 1), Version("T", "last", 2, 2, end), Version("Default")]);
        var choice = Choose(book, new TariffQuery("T", default, "Default", Start));
        Assert.Equal((outcome, "T", TariffStep.Session, false), (choice.Outcome, choice.TariffId, choice.Step, choice.TariffIdUnknown));
        Assert.Equal(outcome == TariffOutcome.Found ? "last" : null, choice.Version?.Payload);
    }

    [Fact]
    public void Before_the_first_version_the_first_counts_unless_it_has_ended_by_then()
    {
        Assert.Equal("v", ChooseStated(new TariffBook<string>([Version("T", start: 20, end: 25)]), "T").Version!.Payload);
        Assert.Equal(TariffOutcome.UnknownTariff, ChooseStated(new TariffBook<string>([Version("T", end: 5, updated: 20)]), "T").Outcome);
    }

    [Theory]
    [InlineData(null, "c")]
    [InlineData(3L, "c")]
    [InlineData(2L, "b")]
    [InlineData(1L, "a")]
    public void Versions_loaded_after_the_bill_was_final_do_not_compete(long? notLoadedAfter, string expected)
    {
        var book = new TariffBook<string>([Version("T", "a", 1, 12), Version("T", "b", 2, 5), Version("T", "c", 3, 6)]);
        Assert.Equal(expected, ChooseStated(book, "T", notLoadedAfter).Version!.Payload);
    }

    [Fact]
    public void An_id_loaded_only_after_the_bill_was_final_counts_as_in_no_file()
    {
        var book = new TariffBook<string>([Version("Default", "d", 1), Version("T", "t", 2)]);
        var query = new TariffQuery("T", default, "Default", Start);
        Assert.Equal("t", Choose(book, query).Version!.Payload);
        var before = Choose(book, query with { NotLoadedAfter = 1 });
        Assert.Equal(("d", TariffStep.Default, true), (before.Version!.Payload, before.Step, before.TariffIdUnknown));
        Assert.Equal(TariffOutcome.UnknownTariff, Choose(book, query with { NotLoadedAfter = 0 }).Outcome);
    }

    private static readonly TariffBook<string> TwoPublishers = new(
    [
        Version("T", "aaa", 1, country: "NL", party: "AAA"),
        Version("T", "bbb", 2, country: "NL", party: "BBB"),
        Version("T", "none", 3),
        Version("Own", "own", 4, country: "nl", party: "AAA"),
        Version("Own", "own later", 5, country: "NL", party: "aaa"),
    ]);

    [Theory]
    [InlineData("T", null, TariffOutcome.TariffAmbiguous, "T")]
    [InlineData("NL*AAA*T", "aaa", TariffOutcome.Found, "NL*AAA*T")]
    [InlineData("NL*BBB*T", "bbb", TariffOutcome.Found, "NL*BBB*T")]
    [InlineData("nl*bbb*t", "bbb", TariffOutcome.Found, "NL*BBB*T")]
    [InlineData("**T", "none", TariffOutcome.Found, "**T")]
    [InlineData("NL*CCC*T", null, TariffOutcome.UnknownTariff, null)]
    [InlineData("Own", "own later", TariffOutcome.Found, "Own")]
    [InlineData("NL*AAA*Own", "own later", TariffOutcome.Found, "NL*AAA*Own")]
    public void An_id_of_several_publishers_is_named_with_the_publisher_and_the_bare_id_is_ambiguous(
        string id, string? expected, TariffOutcome outcome, string? tariffId)
    {
        var choice = ChooseStated(TwoPublishers, id);
        Assert.Equal((expected, outcome, tariffId), (choice.Version?.Payload, choice.Outcome, choice.TariffId));
    }

    [Fact]
    public void An_ambiguous_id_ends_the_search()
    {
        var choice = Choose(TwoPublishers, new TariffQuery("x", Place("T Own", "", "", ""), "Own", Start));
        Assert.Equal(new TariffChoice<string>(null, TariffOutcome.TariffAmbiguous, true, "T", TariffStep.Connector), choice);
    }

    [Theory]
    [InlineData(1L, "aaa", TariffOutcome.Found)]
    [InlineData(2L, null, TariffOutcome.TariffAmbiguous)]
    public void A_publisher_loaded_after_the_bill_was_final_makes_no_id_ambiguous(long notLoadedAfter, string? expected, TariffOutcome outcome)
    {
        var choice = ChooseStated(TwoPublishers, "T", notLoadedAfter);
        Assert.Equal((expected, outcome), (choice.Version?.Payload, choice.Outcome));
    }

    [Fact]
    public void An_id_that_looks_like_one_with_a_publisher_is_taken_literally_first()
    {
        var book = new TariffBook<string>([Version("NL*AAA*T", "literal"), Version("T", "named", 2, country: "NL", party: "AAA")]);
        Assert.Equal("literal", ChooseStated(book, "NL*AAA*T").Version!.Payload);
        Assert.Equal("named", ChooseStated(book, "T").Version!.Payload);
    }

    [Theory]
    [InlineData("t1", "T1")]
    [InlineData("T1", "T1")]
    [InlineData("ab", "ab")]
    [InlineData("AB", "AB")]
    [InlineData("Ab", null)]
    public void Ids_are_case_insensitive_except_those_that_differ_by_case_alone(string id, string? found) =>
        Assert.Equal(found, ChooseStated(new TariffBook<string>([Version("T1"), Version("ab"), Version("AB")]), id).TariffId);

    [Fact]
    public void The_same_content_given_twice_keeps_its_first_sequence()
    {
        var book = new TariffBook<string>([Version("T", "a", 1, 5), Version("T", "b", 2, 5), Version("T", "a", 3, 5)]);
        Assert.Equal("b", ChooseStated(book, "T").Version!.Payload);
        Assert.Equal("a", ChooseStated(book, "T", 1).Version!.Payload);
    }

    [Fact]
    public void An_empty_book_knows_no_tariff()
    {
        Assert.Equal(TariffOutcome.UnknownTariff, ChooseStated(new TariffBook<string>([]), "T").Outcome);
        Assert.Empty(new TariffBook<string>([]).Ids);
    }

    [Fact]
    public void The_bare_ids_are_listed_once_in_order() => Assert.Equal(["Own", "T"], TwoPublishers.Ids);

    [Fact]
    public void An_id_longer_than_any_that_ocpi_allows_is_still_found()
    {
        var id = new string('é', 300);
        Assert.Equal(id, ChooseStated(new TariffBook<string>([Version(id)]), id).TariffId);
    }

    [Fact]
    public void A_choice_allocates_nothing()
    {
        var query = new TariffQuery("x", Place("y", "", "", "T"), "Own", Start);
        TwoPublishers.Choose("NL*AAA*T"u8, in query);
        TwoPublishers.Choose(in query);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TwoPublishers.Choose("NL*AAA*T"u8, in query);
        TwoPublishers.Choose(in query);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
