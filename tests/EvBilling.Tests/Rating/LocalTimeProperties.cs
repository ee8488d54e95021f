using EvBilling.Billing.Generation;
using EvBilling.Locations;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Tests.Rating;

/// <summary>Sessions in weeks in which clocks change, against a reckoning minute by minute.</summary>
public sealed class LocalTimeProperties
{
    private const int Sessions = 120;
    private const int MinutesPerDay = 1440;
    private const long NsPerMinute = 60_000_000_000;

    // 6 kW: 0.1 kWh a minute.
    private const long PowerMw = 6_000_000;
    private const decimal KwhPerMinute = 0.1m;

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Pacific/Chatham")]
    public void In_weeks_in_which_clocks_change_each_minute_has_the_price_of_its_local_time(string zoneId)
    {
        var zone = TimeZoneChooser.FindZone(zoneId)!;
        var shifts = zone.GetZoneIntervals(Instant.FromUtc(2024, 1, 1, 0, 0), Instant.FromUtc(2027, 1, 1, 0, 0)).Skip(1).Select(interval => interval.Start).ToArray();
        Assert.NotEmpty(shifts);
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Sessions; i++)
        {
            var shift = shifts[random.Next(shifts.Length)];
            var start = shift.Plus(NodaTime.Duration.FromMinutes(random.Next(-3 * MinutesPerDay, 3 * MinutesPerDay)));
            var minutes = random.Next(1, 2 * MinutesPerDay);
            // Often within the hours that come twice or not at all.
            var first = random.Next(3) == 0 ? random.Next(0, 240) : random.Next(MinutesPerDay);
            var second = (first + random.Next(1, MinutesPerDay)) % MinutesPerDay;
            var weekday = random.Next(3) == 0 ? (IsoDayOfWeek?)random.Next(1, 8) : null;
            var tariff = $$"""
                {"id":"T","currency":"EUR","elements":[
                {"price_components":[{"type":"ENERGY","price":0.51,"vat":0,"step_size":0}],"restrictions":{"start_time":"{{Clock(first)}}","end_time":"{{Clock(second)}}"{{(weekday is null ? "" : $",\"day_of_week\":[\"{weekday.ToString()!.ToUpperInvariant()}\"]")}} } },
                {"price_components":[{"type":"ENERGY","price":0.2,"vat":0,"step_size":0}]}],"last_updated":"2024-01-01T00:00:00Z"}
                """;

            var total = Generated(tariff, zone, start, minutes);

            var expected = Enumerable.Range(0, minutes).Sum(minute => KwhPerMinute * PriceAt(start.Plus(NodaTime.Duration.FromMinutes(minute)).InZone(zone).LocalDateTime, first, second, weekday));
            Assert.True(decimal.Round(expected, 2, MidpointRounding.AwayFromZero) == total, $"seed {seed}, {zoneId}, {start} + {minutes} min, {tariff}: {total}, minute by minute {expected}");
        }
    }

    [Fact]
    public void Elements_that_cannot_both_match_may_change_places()
    {
        var zone = TimeZoneChooser.FindZone("Europe/Berlin")!;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < Sessions; i++)
        {
            var edges = new[] { random.Next(MinutesPerDay), random.Next(MinutesPerDay), random.Next(MinutesPerDay) }.Distinct().Order().ToArray();
            if (edges.Length < 3)
            {
                continue;
            }
            var elements = new[] { Element(edges[0], edges[1], 0.31m), Element(edges[1], edges[2], 0.47m), Element(edges[2], edges[0], 0.11m) };
            var start = Instant.FromUtc(2026, 3, 27, 0, 0).Plus(NodaTime.Duration.FromMinutes(random.Next(3 * MinutesPerDay)));
            var minutes = random.Next(1, MinutesPerDay);

            var totals = new[] { elements, [elements[1], elements[0], elements[2]], [elements[2], elements[1], elements[0]], [elements[1], elements[2], elements[0]] }
                .Select(order => Generated($$"""{"id":"T","currency":"EUR","elements":[{{string.Join(',', order)}}],"last_updated":"2024-01-01T00:00:00Z"}""", zone, start, minutes)).Distinct();

            Assert.True(totals.Count() == 1, $"seed {seed}, {start} + {minutes} min, {string.Join(' ', elements)}: {string.Join(' ', totals)}");
        }
    }

    private static string Element(int first, int second, decimal price) =>
        $$"""{"price_components":[{"type":"ENERGY","price":{{price}},"vat":0,"step_size":0},{"type":"TIME","price":{{price}},"vat":0,"step_size":0}],"restrictions":{"start_time":"{{Clock(first)}}","end_time":"{{Clock(second)}}"} }""";

    private static decimal PriceAt(LocalDateTime local, int first, int second, IsoDayOfWeek? weekday)
    {
        var minute = (local.Hour * 60) + local.Minute;
        var isWithin = first < second ? minute >= first && minute < second : minute >= first || minute < second;
        return isWithin && (weekday is null || local.DayOfWeek == weekday) ? 0.51m : 0.2m;
    }

    private static decimal Generated(string tariff, DateTimeZone zone, Instant start, int minutes)
    {
        var startNs = start.ToUnixTimeTicks() * 100;
        var request = new SupplyRequest { StartUnixNs = startNs, EndUnixNs = startNs + (minutes * NsPerMinute), PowerMw = PowerMw, RequestedMwh = long.MaxValue };
        Assert.True(CdrGenerator.TryMake("S", request, TariffDocument.ReadOne(System.Text.Encoding.UTF8.GetBytes(tariff)), zone, out var cdr, out _, out var problem), problem);
        return cdr.Bill.TotalExclVat!.Value;
    }

    private static string Clock(int minute) => $"{minute / 60:00}:{minute % 60:00}";
}
