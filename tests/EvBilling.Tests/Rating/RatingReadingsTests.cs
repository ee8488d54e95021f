using EvBilling.Rating;

namespace EvBilling.Tests.Rating;

/// <summary>The names of readings are a contract (ocpi-semantics.md).</summary>
public sealed class RatingReadingsTests
{
    [Fact]
    public void The_first_value_of_every_name_is_the_default_and_every_other_is_told_by_its_name()
    {
        foreach (var name in RatingReadings.Names.Where(name => name != "like"))
        {
            var values = RatingReadings.ValuesOf(name).ToArray();
            Assert.Equal(RatingOptions.Default, Take(name + "=" + values[0]));
            foreach (var value in values[1..])
            {
                Assert.Equal([(name, value)], RatingReadings.Differing(Take(name + "=" + value)));
            }
        }
    }

    [Theory]
    [InlineData("step_total=all")]
    [InlineData("period_snap=off")]
    [InlineData("zero_volume=counts")]
    [InlineData("min_duration=exclusive")]
    [InlineData("range_ends=min_duration=exclusive")]
    [InlineData("equal_times=never")]
    [InlineData("end_midnight=never_alone")]
    [InlineData("duration_origin=parking")]
    [InlineData("missing_power=match")]
    [InlineData("flat=each_distinct")]
    [InlineData("clamp_vat=separate")]
    [InlineData("tariff_choice=session_start_only")]
    [InlineData("reservation=ignored")]
    [InlineData("credit=not_negated")]
    [InlineData("rounding=half_even")]
    [InlineData("vat_rounding=per_rate")]
    [InlineData("period_order=as_given")]
    [InlineData("dup_dimension=last")]
    [InlineData("element_choice=whole_element")]
    [InlineData("step_size=per_period")]
    public void A_reading_is_taken_by_its_name(string text) => Assert.NotEqual(RatingOptions.Default, Take(text));

    [Theory]
    [InlineData("stepsize=all", "There is no reading stepsize; there are clamp_vat, ")]
    [InlineData("step_total=some", "some is no value of step_total; it takes priced, all.")]
    [InlineData("step_total", "Nothing is no value of step_total; it takes priced, all.")]
    [InlineData("like=me", "me is no value of like; it takes ocpi-tariffs, ocpi-kit.")]
    public void What_is_no_reading_is_refused_saying_what_there_is(string text, string says)
    {
        Assert.False(RatingReadings.TryTake(RatingOptions.Default, text, out _, out var error));
        Assert.StartsWith(says, error, StringComparison.Ordinal);
    }

    private static RatingOptions Take(string text) =>
        RatingReadings.TryTake(RatingOptions.Default, text, out var taken, out var error) ? taken : throw new InvalidOperationException(error);
}
