namespace EvBilling.Tests.Pricing.Rules;

/// <summary>Rows 6 to 11, 17 and 19 of ocpi-semantics.md: when an element's restrictions hold.</summary>
public sealed class RestrictionRuleTests
{
    [Theory]
    [InlineData("\"start_time\":\"10:30\"", "10:30", true)]
    [InlineData("\"start_time\":\"10:30\"", "10:29:59", false)]
    [InlineData("\"end_time\":\"10:30\"", "10:30", false)]
    [InlineData("\"end_time\":\"10:30\"", "10:29:59", true)]
    [InlineData("\"start_date\":\"2026-03-02\"", "10:30", true)]
    [InlineData("\"start_date\":\"2026-03-03\"", "10:30", false)]
    [InlineData("\"end_date\":\"2026-03-02\"", "10:30", false)]
    [InlineData("\"end_date\":\"2026-03-03\"", "10:30", true)]
    [InlineData("\"day_of_week\":[\"MONDAY\"]", "10:30", true)]
    [InlineData("\"day_of_week\":[\"SUNDAY\",\"TUESDAY\"]", "10:30", false)]
    [InlineData("\"min_duration\":1800", "10:30", true)]
    [InlineData("\"min_duration\":1800", "10:29:59", false)]
    [InlineData("\"max_duration\":1800", "10:30", false)]
    [InlineData("\"max_duration\":1800", "10:29:59", true)]
    [InlineData("\"min_kwh\":1", "10:30", true)]
    [InlineData("\"min_kwh\":1.0001", "10:30", false)]
    [InlineData("\"max_kwh\":1", "10:30", false)]
    [InlineData("\"max_kwh\":1.0001", "10:30", true)]
    [InlineData("\"min_power\":11", "10:30 MAX_POWER 11 MIN_POWER 0", true)]
    [InlineData("\"min_power\":11", "10:30 MAX_POWER 10.9 MIN_POWER 0", false)]
    [InlineData("\"max_power\":11", "10:30 MAX_POWER 50 MIN_POWER 11", false)]
    [InlineData("\"max_power\":11", "10:30 MAX_POWER 50 MIN_POWER 10.9", true)]
    [InlineData("\"min_current\":16", "10:30 MAX_CURRENT 16 MIN_CURRENT 0", true)]
    [InlineData("\"min_current\":16", "10:30 MAX_CURRENT 15.9 MIN_CURRENT 0", false)]
    [InlineData("\"max_current\":16", "10:30 MAX_CURRENT 32 MIN_CURRENT 16", false)]
    [InlineData("\"max_current\":16", "10:30 MAX_CURRENT 32 MIN_CURRENT 15.9", true)]
    public void Range_ends_are_inclusive_below_and_exclusive_above(string restriction, string period, bool isPriced) => Assert.StartsWith(
        isPriced ? "1" : "0", new Dispute($"TIME 1 | {restriction}", $"10:00 ENERGY 1 ; {period} TIME 1").Total("unsplit=period_starts"), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "3")]
    [InlineData("min_duration=inclusive", "3")]
    [InlineData("min_duration=exclusive", "0")]
    [InlineData("range_ends=min_duration=exclusive", "0")]
    public void Min_duration_holds_at_its_very_moment_or_behind_it(string reading, string total) =>
        Assert.Equal(total, new Dispute("PARKING_TIME 6 | \"min_duration\":3600", "10:00 TIME 1 ; 11:00 PARKING_TIME 0.5").Total(reading));

    [Theory]
    [InlineData("", "10:30", "1")]
    [InlineData("equal_times=whole_day", "10:30", "1")]
    [InlineData("equal_times=never", "10:30", "0")]
    [InlineData("equal_times=never", "00:00", "1")]
    public void Equal_times_are_the_whole_day_or_never_and_midnight_to_midnight_is_always_the_day(string reading, string time, string total) =>
        Assert.Equal(total, new Dispute($"TIME 1 | \"start_time\":\"{time}\",\"end_time\":\"{time}\"", "10:00 TIME 1").Total(reading));

    [Theory]
    [InlineData("", "\"end_time\":\"00:00\"", "1")]
    [InlineData("", "\"end_time\":\"24:00\"", "1")]
    [InlineData("end_midnight=end_of_day", "\"end_time\":\"00:00\"", "1")]
    [InlineData("end_midnight=never_alone", "\"end_time\":\"00:00\"", "0")]
    [InlineData("end_midnight=never_alone", "\"start_time\":\"08:00\",\"end_time\":\"00:00\"", "1")]
    public void End_midnight_is_the_end_of_the_day_or_never_where_it_stands_alone(string reading, string restriction, string total) =>
        Assert.Equal(total, new Dispute($"TIME 1 | {restriction}", "10:00 TIME 1").Total(reading));

    [Theory]
    [InlineData("\"start_time\":\"22:00\",\"end_time\":\"06:00\"", "23:59:59", "1")]
    [InlineData("\"start_time\":\"22:00\",\"end_time\":\"06:00\"", "05:59:59", "1")]
    [InlineData("\"start_time\":\"22:00\",\"end_time\":\"06:00\"", "06:00", "0")]
    [InlineData("\"start_time\":\"22:00\"", "23:59:59", "1")]
    [InlineData("\"start_time\":\"22:00\"", "00:00", "0")]
    [InlineData("\"start_time\":\"22:00\",\"end_time\":\"06:00\",\"day_of_week\":[\"SUNDAY\"]", "01:00", "0")]
    [InlineData("\"start_time\":\"22:00\",\"end_time\":\"06:00\",\"day_of_week\":[\"MONDAY\"]", "01:00", "1")]
    public void A_window_wraps_past_midnight_and_each_moment_has_its_own_weekday(string restriction, string at, string total) =>
        Assert.Equal(total, new Dispute($"TIME 1 | {restriction}", $"{at} TIME 0.0001") { Start = at, End = at }.Total("period_snap=off") == "0" ? "0" : "1");

    [Theory]
    [InlineData("", "0")]
    [InlineData("zone=location", "0")]
    [InlineData("zone=country", "1")]
    public void Zone_is_the_locations_or_the_countrys(string reading, string total) => Assert.Equal(
        total, new Dispute("TIME 1 | \"start_time\":\"11:00\"", "10:00 TIME 1") { CdrMembers = "\"cdr_location\":{\"country\":\"NLD\"}", End = "10:30" }.Total(reading));

    [Theory]
    [InlineData("2026-10-25T00:30 TIME 1 ; 2026-10-25T01:30 TIME 1", "2")] // 02:30 twice
    [InlineData("2026-03-29T00:59:59 TIME 1 ; 2026-03-29T01:00 TIME 1", "0")] // 01:59:59, then 03:00
    public void Zone_repeats_an_hour_that_counts_twice_and_skips_one_that_never_does(string periods, string total)
    {
        var day = periods[..10];
        var dispute = new Dispute("TIME 1 | \"start_time\":\"02:15\",\"end_time\":\"02:45\"", periods) { TimeZone = "Europe/Amsterdam", Start = $"{day}T00:00", End = $"{day}T03:00" };
        Assert.Equal(total, dispute.Total().Split(' ')[0]);
    }

    [Theory]
    [InlineData("", "2")]
    [InlineData("duration_origin=session", "2")]
    [InlineData("duration_origin=first_period", "1")]
    [InlineData("duration_origin=parking", "0")]
    public void Duration_origin_is_the_session_or_its_first_period_or_parking(string reading, string total) => Assert.Equal(
        total, new Dispute("PARKING_TIME 2 | \"min_duration\":3300", "10:10 TIME 0.5 ; 11:00 PARKING_TIME 0.5 ; 11:30 PARKING_TIME 0.5").Total(reading));

    [Theory]
    [InlineData("", "0")]
    [InlineData("duration_origin=session_in_seconds", "1")]
    public void Duration_origin_counts_real_time_or_whole_seconds(string reading, string total) => Assert.Equal(
        total, new Dispute("PARKING_TIME 2 | \"min_duration\":3600", "11:00:00.200 PARKING_TIME 0.5") { Start = "10:00:00.500", End = "11:30" }.Total(reading).Split(' ')[0]);

    [Theory]
    [InlineData("", "5 PowerNotMeasured")]
    [InlineData("missing_power=no_match", "5 PowerNotMeasured")]
    [InlineData("missing_power=match", "10")]
    public void Missing_power_does_not_match_and_is_flagged_or_matches(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 | \"min_power\":11 ; ENERGY 0.5", "10:00 ENERGY 10").Total(reading));

    [Theory]
    [InlineData("", "10")]
    [InlineData("power_stand_in=on", "10")]
    [InlineData("power_stand_in=off", "5 PowerNotMeasured")]
    public void Power_stand_in_takes_the_one_measured_bound_for_the_other_or_not(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 | \"max_power\":22 ; ENERGY 0.5", "10:00 ENERGY 10 MAX_POWER 11").Total(reading));

    [Theory]
    [InlineData("", false, "2")]
    [InlineData("reservation=priced", false, "2")]
    [InlineData("reservation=ignored", false, "1")]
    [InlineData("", true, "6")]
    public void Reservation_elements_price_reservations_alone_and_those_that_expired_where_the_caller_says_so(string reading, bool isExpired, string total) => Assert.Equal(
        total,
        new Dispute("TIME 10 | \"reservation\":\"RESERVATION_EXPIRES\" ; TIME 2 | \"reservation\":\"RESERVATION\" ; TIME 1", "10:00 RESERVATION_TIME 0.5 ; 10:30 TIME 1") { IsReservationExpired = isExpired }
            .Total(reading));

    [Theory]
    [InlineData("", "10 PeriodSpansPriceChange")]
    [InlineData("unsplit=period_starts", "10 PeriodSpansPriceChange")]
    [InlineData("unsplit=interpolated", "15 PeriodSpansPriceChange")]
    public void Unsplit_periods_are_priced_as_they_start_or_split_where_the_price_changes(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 | \"end_time\":\"11:00\" ; ENERGY 2", "10:00 ENERGY 10").Total(reading));

    [Theory]
    [InlineData("", "ENERGY 10.1234567", "10.1234567 PeriodSpansPriceChange")]
    [InlineData("unsplit=interpolated", "ENERGY 10.1234567", "15.18518505 PeriodSpansPriceChange")]
    [InlineData("unsplit=interpolated", "ENERGY 0.30000000000000004", "0.45000000000000006 PeriodSpansPriceChange")]
    [InlineData("unsplit=interpolated", "ENERGY 10.0000001 TIME 1.00000000000001", "15.00000015 PeriodSpansPriceChange")]
    public void Unsplit_periods_whose_volumes_have_many_decimals_are_split_alike(string reading, string volumes, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 | \"end_time\":\"11:00\" ; ENERGY 2", $"10:00 {volumes}").Total(reading));

    [Theory]
    [InlineData("4", "16 PeriodSpansPriceChange")]
    [InlineData("4.0000005", "15.9999995 PeriodSpansPriceChange")]
    public void Unsplit_periods_are_split_at_a_bound_on_energy_however_many_decimals_they_have(string bound, string total) =>
        Assert.Equal(total.Split(' ')[1], new Dispute($"ENERGY 1 | \"max_kwh\":{bound} ; ENERGY 2", "10:00 ENERGY 10.0000001").Total("unsplit=interpolated").Split(' ')[1]);

    [Fact]
    public void Unsplit_is_looked_at_also_where_the_first_period_begins_before_the_session() => Assert.Equal(
        "10 PeriodSpansPriceChange", new Dispute("ENERGY 1 | \"end_time\":\"11:00\" ; ENERGY 2", "09:59:59 ENERGY 10").Total());

    [Theory]
    [InlineData("1e20", "2")]
    [InlineData("1e27", "2")]
    [InlineData("-1e27", "1")]
    public void Min_duration_of_any_length_is_compared(string bound, string total) =>
        Assert.Equal(total, new Dispute($"FLAT 1 | \"min_duration\":{bound} ; FLAT 2", "10:00 ENERGY 10").Total("min_duration=exclusive"));
}
