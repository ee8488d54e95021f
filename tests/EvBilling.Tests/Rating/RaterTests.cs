using EvBilling.Rating;
using static EvBilling.Tests.Rating.Given;

namespace EvBilling.Tests.Rating;

public sealed class RaterTests
{
    private static readonly CompiledTariff All = Tariff(Energy("0.35", 1, "21"), Time("1.2", 60, "21"), Parking("6", 300, "9"), Flat("0.5", "21"));

    [Fact]
    public void Neighbouring_periods_of_one_price_are_one_line() =>
        Assert.Equal(
            ["ENERGY 0-1800 3", "TIME 0-1800 0.5", "FLAT 0-86400 1", "PARKING_TIME 1800-86400 0.25"],
            Bill(All, Period(0, 1, 600), Period(600, 1, 600), Period(1200, 1, 600), Period(1800, 0, 0, 600), Period(2400, 0, 0, 300)).Lines.Select(Show));

    [Fact]
    public void A_pause_breaks_the_line_of_time_but_not_that_of_energy() =>
        Assert.Equal(
            ["ENERGY 0-86400 2", "TIME 0-600 0.166666666667", "FLAT 0-86400 1", "PARKING_TIME 600-1200 0.166666666667", "TIME 1200-86400 0.166666666667"],
            Bill(All, Period(0, 1, 600), Period(600, 0, 0, 600), Period(1200, 1, 600)).Lines.Select(Show));

    [Fact]
    public void A_line_ends_with_the_last_period_that_it_bills() =>
        Assert.Equal("ENERGY 600-1200 1", Show(Bill(Tariff(Energy("1")), Period(0), Period(600, 1), Period(1200)).Lines[0]));

    [Fact]
    public void Flat_is_billed_once_from_the_first_period_on()
    {
        Assert.Equal(["FLAT 0-86400 1"], Bill(Tariff(Flat("0.5")), Period(0), Period(600, 1)).Lines.Select(Show));
        Assert.Equal(0.5m, Bill(Tariff(Flat("0.5")), Period(0), Period(600, 1)).TotalExclVat);
    }

    [Fact]
    public void Without_periods_nothing_is_priced_and_a_flag_says_so()
    {
        var bill = Bill(All);
        Assert.Equal((0m, 0m, RatingFlags.NoPeriods), (bill.TotalExclVat, bill.TotalInclVat, bill.Flags));
        Assert.Empty(bill.Lines);
        Assert.Empty(bill.VatBreakdown);
    }

    [Fact]
    public void Periods_out_of_order_are_refused_by_name()
    {
        Assert.Equal(RatingOutcome.PeriodsOutOfOrder, Rate(All, Period(600, 1), Period(0, 1)).Outcome);
        Assert.Equal(RatingOutcome.Priced, Rate(All, Period(0, 1), Period(0, 1), Period(86_400)).Outcome);
    }

    [Fact]
    public void Periods_outside_the_session_are_priced_as_both_engines_do() =>
        Assert.Equal(RatingOutcome.Priced, Rate(All, Period(-1, 1), Period(86_401, 1)).Outcome);

    [Fact]
    public void A_time_under_0_is_refused_by_name_and_energy_given_back_is_not()
    {
        Assert.Equal(-0.35m, Bill(Tariff(Energy("0.35")), Period(0, -1)).TotalExclVat);
        Assert.Equal(RatingOutcome.NegativeTime, Rate(All, Period(0, 1, -1)).Outcome);
        Assert.Equal(RatingOutcome.NegativeTime, Rate(All, Period(0, 1), Period(1, 0, 0, -1)).Outcome);
    }

    [Fact]
    public void Volumes_and_prices_of_any_size_are_rated_exactly()
    {
        var huge = new RatingPeriod(Start, long.MaxValue, 0, 0);
        Assert.Equal("18446744073709.551614", RatingTotals.Of(Rate(Tariff(Energy("1")), huge, huge)).ExclVat.ToString());
        Assert.Equal("9223372036854.776", RatingTotals.Of(Rate(Tariff(Energy("1", 1)), huge)).ExclVat.ToString());
        Assert.Equal("9223372036854775797776.627963145224193", RatingTotals.Of(Rate(Tariff(Energy("999999999.999999999")), huge)).ExclVat.ToString());
        Assert.Equal(9_223_372_036_854.78m, Bill(Tariff(Energy("1")), huge).TotalExclVat);
    }

    [Fact]
    public void What_was_refused_has_no_amounts()
    {
        var result = Rate(All, Period(0, 1, -1));
        Assert.Equal(0, result.LineCount);
        Assert.Throws<InvalidOperationException>(() => BillAmounts.Round(result, [Period(0, 1, -1)]));
        Assert.Throws<InvalidOperationException>(() => BillAmounts.Unrounded(result));
    }

    [Fact]
    public void Only_the_periods_that_were_rated_can_be_rounded() =>
        Assert.Throws<ArgumentException>(() => BillAmounts.Round(Rate(All, Period(0, 1)), [Period(0, 1), Period(1, 1)]));

    [Fact]
    public void A_result_that_is_used_again_holds_nothing_of_before()
    {
        var result = Rate(All, Period(0, 1, 600), Period(600, 0, 0, 600));
        RatingPeriod[] periods = [Period(0, 2)];
        Rater.Rate(new RatingSession(Start, Start + Second, periods), Tariff(Energy("0.5", vat: "")), result);
        var bill = BillAmounts.Round(result, periods);
        Assert.Equal((1m, 1m, RatingFlags.VatNotStated), (bill.TotalExclVat, bill.TotalInclVat, bill.Flags));
        Rater.Rate(new RatingSession(Start, Start, [Period(1), Period(0)]), All, result);
        Assert.Equal((RatingOutcome.PeriodsOutOfOrder, 0, RatingFlags.None), (result.Outcome, result.LineCount, result.Flags));
    }

    [Fact]
    public void Rating_into_a_result_that_is_used_again_allocates_nothing()
    {
        var result = new RatingResult();
        var periods = Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? Period(i * 60, 1.5m, 60) : Period(i * 60, 0, 0, 60)).ToArray();
        Rater.Rate(new RatingSession(Start, Start + 86_400 * Second, periods), All, result);
        Assert.Equal(0, LeastAllocated(() => Rater.Rate(new RatingSession(Start, Start + 86_400 * Second, periods), All, result)));
    }

    [Fact]
    public void Rounding_allocates_its_lines_and_little_else()
    {
        RatingPeriod[] periods = [Period(0, 1.5m, 60), Period(60, 0, 0, 60)];
        var result = Rate(All, periods);
        Assert.InRange(LeastAllocated(() => BillAmounts.Round(result, periods)), 1, 1_300);
    }

    [Theory]
    [InlineData("600.12", 600, "600")]
    [InlineData("599.76", 600, "599.76")]
    [InlineData("599.94", 600, "600")]
    [InlineData("600.179976", 600, "600")]
    [InlineData("600.18012", 600, "600.18012")]
    [InlineData("0", 0.1, null)]
    [InlineData("0", 600, null)]
    [InlineData("0.036", 0.1, "0.1")]
    public void Period_snap_takes_a_time_within_018_s_of_the_periods_length_for_that_length(string timeS, decimal lengthS, string? billed)
    {
        RatingPeriod[] periods = [Period(0, timeS: decimal.Parse(timeS)), new(Start + (long)(lengthS * Second), 0, 0, 0)];
        var total = RatingTotals.Of(Rate(Tariff(Time("3600")), periods)).ExclVat;
        Assert.Equal(billed ?? "0", total.ToString());
    }

    // A collection that another test's thread sets off makes the rest of this thread's allocation block count as allocated, so one run can show too much.
    private static long LeastAllocated(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 1000; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
