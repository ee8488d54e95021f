namespace EvBilling.Tests.Pricing.Rules;

/// <summary>Rows 1 to 5, 12 and 13 of ocpi-semantics.md: which component prices a volume, and what step_size makes of it.</summary>
public sealed class VolumeRuleTests
{
    [Theory]
    [InlineData("", "7")]
    [InlineData("element_choice=per_dimension", "7")]
    [InlineData("element_choice=whole_element", "5")]
    public void Element_choice_takes_the_first_element_for_each_dimension_or_for_all_of_them(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 0.5 ; ENERGY 0.3, TIME 2", "10:00 ENERGY 10 TIME 1").Total(reading));

    [Theory]
    [InlineData("ENERGY 0.5, ENERGY 0.9", "5")]
    [InlineData("TIME 2", "2")]
    [InlineData("TIME 2 ; ENERGY 0.5 | \"start_time\":\"23:00\"", "2")]
    public void Element_choice_takes_the_first_component_of_a_dimension_and_without_one_it_is_free(string elements, string total) =>
        Assert.Equal(total, new Dispute(elements, "10:00 ENERGY 10 TIME 1").Total());

    [Theory]
    [InlineData("", "10:00 ENERGY 0.4 ; 10:30 ENERGY 0.4", "1")]
    [InlineData("", "10:00 ENERGY 2", "2")]
    [InlineData("step_size=ceiling", "10:00 ENERGY 2", "2")]
    [InlineData("step_size=next_multiple", "10:00 ENERGY 0.4 ; 10:30 ENERGY 0.4", "1")]
    [InlineData("step_size=next_multiple", "10:00 ENERGY 2", "3")]
    [InlineData("step_size=next_multiple", "10:00 ENERGY 0", "0")]
    [InlineData("step_size=per_period", "10:00 ENERGY 0.4 ; 10:30 ENERGY 0.4", "2")]
    [InlineData("step_size=per_period", "10:00 ENERGY 2", "2")]
    public void Step_size_raises_the_total_once_or_past_a_multiple_or_in_each_period(string reading, string periods, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 step 1000", periods).Total(reading));

    [Theory]
    [InlineData("", "1")]
    [InlineData("step_total=priced", "1")]
    [InlineData("step_total=all", "1.3")]
    public void Step_total_counts_what_was_priced_or_all_that_was_measured(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 step 1000 | \"start_time\":\"10:30\"", "10:00 ENERGY 0.7 ; 10:30 ENERGY 0.5").Total(reading));

    [Theory]
    [InlineData("", "1")]
    [InlineData("step_precision=six_decimals", "1")]
    [InlineData("step_precision=as_written", "2")]
    public void Step_precision_leaves_artefacts_of_binary_fractions_out_or_takes_every_digit(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 step 1000", "10:00 ENERGY 1.0000000001").Total(reading));

    [Theory]
    [InlineData("", "0.1667", "1")]
    [InlineData("period_snap=on", "0.1667", "1")]
    [InlineData("period_snap=off", "0.1667", "1.0002")]
    [InlineData("", "0.1666", "0.9996")]
    [InlineData("", "0", "0")]
    public void Period_snap_takes_a_time_within_018_s_of_the_periods_length_for_that_length(string reading, string hours, string total) =>
        Assert.Equal(total, new Dispute("TIME 6", $"10:00 TIME {hours}") { End = "10:10" }.Total(reading));

    [Theory]
    [InlineData("", "1")]
    [InlineData("zero_volume=skipped", "1")]
    [InlineData("zero_volume=counts", "0.5")]
    public void Zero_volume_does_not_decide_the_step_or_does(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 step 1000 | \"end_time\":\"11:00\" ; ENERGY 1 step 100", "10:00 ENERGY 0.45 ; 11:00 ENERGY 0").Total(reading));

    [Fact]
    public void Zero_volume_that_decides_the_step_prices_what_the_step_adds() =>
        Assert.Equal("0.55", new Dispute("ENERGY 1 | \"end_time\":\"11:00\" ; ENERGY 0.1 step 1000", "10:00 ENERGY 0.5 ; 10:30 ENERGY 0 ; 11:00 ENERGY 0").Total("zero_volume=counts"));

    [Theory]
    [InlineData("", "5")]
    [InlineData("flat=once_per_session", "5")]
    [InlineData("flat=each_distinct", "3")]
    [InlineData("flat=once_in_all", "1")]
    public void Flat_counts_once_a_session_and_once_a_reservation_or_each_or_once_in_all(string reading, string total) => Assert.Equal(
        total,
        new Dispute(
            "FLAT 1 | \"end_time\":\"11:00\" ; FLAT 2 | \"start_time\":\"11:00\" ; FLAT 4 | \"reservation\":\"RESERVATION\"",
            "10:00 RESERVATION_TIME 0.5 ; 10:30 TIME 0.5 ; 11:00 TIME 1").Total(reading));

    [Theory]
    [InlineData("10:00 TIME 1", "1")]
    [InlineData("10:00 PARKING_TIME 1", "6")]
    [InlineData("10:00 TIME 1 PARKING_TIME 1", "7")]
    public void Parking_is_what_the_dimensions_say_and_never_derived(string periods, string total) =>
        Assert.Equal(total, new Dispute("TIME 1, PARKING_TIME 6", periods).Total());
}
