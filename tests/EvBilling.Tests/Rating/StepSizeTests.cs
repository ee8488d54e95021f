using static EvBilling.Tests.Rating.Given;

namespace EvBilling.Tests.Rating;

/// <summary>Rows step_size, step_total, zero_volume of ocpi-semantics.md.</summary>
public sealed class StepSizeTests
{
    [Theory]
    [InlineData(0, "20.1234", "20.1234")]
    [InlineData(1, "20.1234", "20.124")]
    [InlineData(1, "20.123", "20.123")]
    [InlineData(1, "0.000001", "0.001")]
    [InlineData(500, "20", "20")]
    [InlineData(500, "20.000001", "20.5")]
    [InlineData(1000, "0.3", "1")]
    [InlineData(1000, "0", null)]
    [InlineData(1000, "-3.269", "-3")]
    [InlineData(1000, "-3", "-3")]
    [InlineData(1000, "-0.5", "0")]
    public void The_energy_of_a_session_is_raised_to_a_multiple_of_the_step_in_wh(int step, string kwh, string? billed)
    {
        var bill = Bill(Tariff(Energy("1", step)), Period(0, kwh: decimal.Parse(kwh)));
        Assert.Equal(billed, bill.Lines.SingleOrDefault()?.Quantity.ToString());
        Assert.Equal(billed is null ? null : kwh, bill.Lines.SingleOrDefault()?.MeasuredQuantity.ToString());
    }

    [Theory]
    [InlineData(0, "1", "0.000277777778")]
    [InlineData(1, "0.5", "0.000277777778")]
    [InlineData(300, "900", "0.25")]
    [InlineData(300, "900.000001", "0.333333333333")]
    [InlineData(300, "900.000000499", "0.25")]
    [InlineData(300, "899.999999999", "0.25")]
    [InlineData(3600, "0.000001", "1")]
    [InlineData(3600, "0.000000499", "0")]
    public void Time_is_raised_to_a_multiple_of_the_step_in_seconds(int step, string seconds, string hours) =>
        Assert.Equal(hours, Bill(Tariff(Time("1", step)), Period(0, timeS: decimal.Parse(seconds))).Lines[0].Quantity.ToString());

    [Fact]
    public void The_step_applies_once_to_the_sessions_total_and_its_surplus_to_the_last_line()
    {
        var bill = Bill(Tariff(Time("6", 600)), Period(0, timeS: 700), Period(700), Period(1000, timeS: 700));
        Assert.Equal([(700m, 700m), (700m, 1100m)], bill.Lines.Select(line => (Seconds(line.MeasuredQuantity), Seconds(line.Quantity))));
        Assert.Equal(3m, bill.TotalExclVat);
    }

    [Fact]
    public void Of_time_and_parking_time_only_parking_time_is_rounded_if_any_was_priced() =>
        Assert.Equal([(600m, 600m), (100m, 300m)], Quantities(Tariff(Time("1", 900) + "," + Parking("2", 300)), (600, 100)));

    [Fact]
    public void Time_is_rounded_if_no_parking_time_was_priced()
    {
        Assert.Equal([(600m, 900m)], Quantities(Tariff(Time("1", 900)), (600, 100)));
        Assert.Equal([(600m, 900m)], Quantities(Tariff(Time("1", 900) + "," + Parking("2", 300)), (600, 0)));
    }

    [Fact]
    public void Parking_time_at_a_price_of_0_is_priced_all_the_same() =>
        Assert.Equal([(600m, 600m), (100m, 300m)], Quantities(Tariff(Time("1", 900) + "," + Parking("0", 300)), (600, 100)));

    [Fact]
    public void Time_stays_even_if_the_parking_component_has_no_step() =>
        Assert.Equal([(600m, 600m), (100m, 100m)], Quantities(Tariff(Time("1", 900) + "," + Parking("2")), (600, 100)));

    [Fact]
    public void Parking_first_and_charging_last_rounds_the_parking() =>
        Assert.Equal(
            ["PARKING_TIME 0-100 0.083333333333", "TIME 100-86400 0.166666666667"],
            Bill(Tariff(Time("1", 900) + "," + Parking("2", 300)), Period(0, parkingS: 100), Period(100, timeS: 600)).Lines.Select(Show));

    [Fact]
    public void Flat_has_no_step()
    {
        var line = Bill(Tariff(Flat("0.5")), Period(0)).Lines[0];
        Assert.Equal((0L, 1m, 1m, "session"), (line.StepSize, line.Quantity, line.MeasuredQuantity, line.Unit));
    }

    private static IEnumerable<(decimal Measured, decimal Billed)> Quantities(EvBilling.Rating.CompiledTariff tariff, (int Time, int Parking) seconds) =>
        Bill(tariff, Period(0, kwh: 1, timeS: seconds.Time), Period(seconds.Time, parkingS: seconds.Parking))
            .Lines.Select(line => (Seconds(line.MeasuredQuantity), Seconds(line.Quantity)));

    private static decimal Seconds(decimal hours) => decimal.Round(hours * 3600, 6);
}
