using EvBilling.Simulator;

namespace EvBilling.Tests.Simulator;

public sealed class EventSchemaTests
{
    [Fact]
    public void Every_event_conforms_to_the_schema() =>
        Assert.All(SeenFleet.FieldWeek.Events, e => Assert.True(EventSchemaCheck.Fault(e.Line) is null, EventSchemaCheck.Fault(e.Line) + ": " + e.Line));

    [Fact]
    public void A_file_ends_its_last_line_and_has_no_empty_one()
    {
        byte[] bytes = SeenFleet.FieldWeek.Bytes;
        Assert.Equal((byte)'\n', bytes[^1]);
        Assert.Equal(SeenFleet.FieldWeek.Summary.Events, bytes.Count(b => b == (byte)'\n'));
        Assert.Equal(SeenFleet.FieldWeek.Summary.Bytes, bytes.Length);
        Assert.Equal(SeenFleet.FieldWeek.Summary.Events, SeenFleet.FieldWeek.Events.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_start_and_only_a_start_states_its_tariff_if_tariffs_are_stated(bool stateTariffs) =>
        Assert.All(
            SeenFleet.Run(new SimulationOptions { StateTariffs = stateTariffs }).Events,
            e => Assert.Equal(stateTariffs && e.Type == "started", e.Line.Contains("\"tariff_id\":\"EVB-", StringComparison.Ordinal)));

    [Fact]
    public void Only_an_end_has_a_stopped_reason() =>
        Assert.All(SeenFleet.FieldWeek.Events, e => Assert.Equal(e.Type == "ended", e.Line.Contains("\"stopped_reason\":", StringComparison.Ordinal)));

    [Fact]
    public void The_check_itself_finds_what_is_wrong()
    {
        Assert.NotNull(EventSchemaCheck.Fault("""{"type":"paused","session_id":"S","timestamp":"2026-01-05T00:00:00Z"}"""));
        Assert.NotNull(EventSchemaCheck.Fault("""{"type":"ended","timestamp":"2026-01-05T00:00:00Z"}"""));
        Assert.NotNull(EventSchemaCheck.Fault("""{"type":"ended","session_id":"S","timestamp":"2026-01-05 00:00:00Z"}"""));
        Assert.NotNull(EventSchemaCheck.Fault("""{"type":"ended","session_id":"S","timestamp":"2026-01-05T00:00:00Z","meter_wh":-1}"""));
        Assert.Null(EventSchemaCheck.Fault("""{"type":"ended","session_id":"S","timestamp":"2026-01-05T00:00:00Z","meter_wh":1}"""));
    }
}
