using System.Text;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Tests.Sessions;

/// <summary>The stored form outlives the program that wrote it: these bytes must be read, and written alike, by every later version of format 1.</summary>
public class Stored_form_tests
{
    private static readonly string[] Lines =
    [
        """{"type":"started","event_id":"1-0","session_id":"s","sequence_number":0,"timestamp":"2026-01-05T10:00:00Z","location_id":"L","station_id":"S","evse_id":"E","connector_id":"1","token_id":"T","tariff_id":"A","charging_state":"Charging","trigger_reason":"Authorized","meter_wh":1000}""",
        """{"type":"updated","event_id":"1-1","session_id":"s","sequence_number":1,"timestamp":"2026-01-05T10:15:00.25Z","charging_state":"SuspendedEV","meter_wh":2500.5,"power_w":7200,"current_a":-10.4,"offline":true}""",
        """{"type":"ended","event_id":"0f8fad5b-d9cb-469f-a165-70867728950e","session_id":"s","timestamp":"2026-01-05T11:00:00Z","meter_wh":2500.5,"stopped_reason":"EVDisconnected","offline":false}""",
        """{"type":"completed","session_id":"s","started_at":"2026-01-05T10:00:00Z","ended_at":"2026-01-05T11:00:00Z","charging_ended_at":"2026-01-05T10:15:00Z","energy_wh":1500}""",
    ];


    private const string Expected =
        "012A014C015301450131014101540A417574686F72697A656403312D300E4556446973636F6E6E6563746564080487803CC0AEDC950DA038972AE0C65BF019870E01020304050600A01F00000307F9E701880E80E59A77000000000000D2AAEE020202023180E101FDC402B6A102982A00010F8FAD5BD9CB469FA16570867728950E09";

    [Fact]
    public void The_bytes_of_format_1_do_not_change()
    {
        var stored = Convert.ToHexString(Assembling.Record(Lines).ToBytes());

        Assert.Equal(Expected, stored);
    }

    [Fact]
    public void Bytes_of_format_1_are_read_back_member_by_member()
    {
        var record = SessionRecord.Parse("s"u8, Convert.FromHexString(Expected));
        SessionEvent[] events = [];

        Assert.Equal(4, record.Decode(ref events));
        Assert.Equal(["", "1-0", "1-1", "0f8fad5b-d9cb-469f-a165-70867728950e"], events.Take(4).Select(e => record.EventIdText(e)));
        Assert.Equal(2_500_500, events[2].MeterMwh);
        Assert.Equal(-10_400, events[2].CurrentMa);
        Assert.True(events[2].Offline && events[2].Has(EventMembers.Offline));
        Assert.Equal(250_000_000, events[2].TimestampNs % Rfc3339.NsPerSecond);
        Assert.Equal("EVDisconnected", Encoding.UTF8.GetString(record.Text(events[3].StoppedReasonText)));
        Assert.Equal(1_500_000, events[0].EnergyMwh);
        Assert.True(record.HasEnded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("01FF")]
    [InlineData("0100000110FFFF")]
    public void Damaged_or_foreign_bytes_are_refused_in_words(string hex)
    {
        var error = Assert.Throws<FormatException>(() => SessionRecord.Parse("s"u8, Convert.FromHexString(hex)));

        Assert.StartsWith("A stored", error.Message);
    }

    [Fact]
    public void Numbers_of_persisted_enumerations_are_frozen()
    {
        Assert.Equal(["Started=0", "Updated=1", "Ended=2", "Completed=3"], Numbers<ChargingEventType>());
        Assert.Equal(["Charging=0", "EVConnected=1", "SuspendedEV=2", "SuspendedEVSE=3", "Idle=4"], Numbers<ChargingState>());
        Assert.Equal(["Open=0", "Ended=1", "ClosedByAge=2", "ClosedByFollower=3"], Numbers<SessionState>());
        Assert.Equal(["Open=0", "Final=1", "Held=2", "Void=3"], Numbers<EvBilling.Billing.BillStatus>());
    }

    [Fact]
    public void An_event_of_a_session_takes_few_bytes()
    {
        var record = Assembling.Record(Enumerable.Range(0, 21).Select(i =>
            $$"""{"type":"{{(i == 0 ? "started" : i == 20 ? "ended" : "updated")}}","event_id":"1-{{i}}","session_id":"S-22-1","sequence_number":{{i}},"timestamp":"2026-01-05T10:{{i:00}}:07Z","location_id":"LOC-00006","station_id":"CP-000022","evse_id":"FR*EVB*E000022*1","connector_id":"1","token_id":"04D5D7D537A598","charging_state":"Charging","trigger_reason":"MeterValuePeriodic","meter_wh":{{8000000 + (i * 2139)}},"power_w":{{128355 - (i * 77)}},"current_a":{{320.8m - i}}}"""));

        Assert.InRange(record.ToBytes().Length, 200, 21 * 24);
    }

    private static string[] Numbers<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)}")];
}
