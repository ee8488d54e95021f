using System.Text;
using EvBilling.Events;
using EvBilling.Simulator;
using EvBilling.Tests.Simulator;

namespace EvBilling.Tests.Events;

/// <summary>The quick way of reading plain JSON says the same as the JSON reader, and is taken.</summary>
public class Plain_reading_tests(ITestOutputHelper output)
{
    private const int MutationsPerLine = 25;

    private const string Valid = """{"type":"updated","session_id":"s","timestamp":"2026-01-05T10:00:00Z"}""";

    private static readonly Lazy<byte[][]> FieldLines = new(() =>
        [.. SeenFleet.FieldWeek.Events.Where((_, index) => index % 6 == 0).Select(e => Encoding.UTF8.GetBytes(e.Line))]);

    public static TheoryData<string> Numbers =>
    [
        "0", "-0", "1", "-1", "01", "00", "-01", "+1", "-", "--1", "1.", ".5", "-.5", "0.5", "0.0", "-0.0", "1e5", "1E5", "1e", "1e+", "1e-5", "1.e5", "1.5e3", "1.0", "1.000",
        "1.0005", "1.00049", "1.0004999", "-1.0005", "-0.0001", "0.0001", "12.3455", "0.1234567890123", "99999999999.999", "999999999999", "999999999999.0", "999999999999.1",
        "999999999999.0001", "1000000000000", "-999999999999", "-999999999.999", "999999999", "999999999.0004", "99999999999999", "999999999999999", "9999999999999999",
        "99999999999999999", "999999999999999999", "9999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "123456789012345678901234567890",
        "1 2", "1-2", "1.2.3", "1,", "0x10", "1a", "NaN", "Infinity", "1_000", "１", "1\u0000", "true", "false", "null", "True", "tru", "truex", "nul", "nulll", "falsee", "",
        "\"1\"", "[]", "[1]", "{}", "{\"a\":1}", "[", "/**/1", "1//", "\"", "\"a", "\\u0031",
    ];

    public static TheoryData<string> Times =>
    [
        "2026-01-05T10:00:00Z", "2026-01-05t10:00:00z", "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00.5Z", "2026-01-05T10:00:00+00:00", "2026-01-05 10:00:00Z", "2026-01-05T10:00:00",
        "2026-01-05T24:00:00Z", "2026-01-05T10:60:00Z", "2026-01-05T10:00:60Z", "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "1969-12-31T23:59:59Z",
        "2262-01-01T00:00:00Z", "2026-00-05T10:00:00Z", "2026-13-05T10:00:00Z", "2026-01-00T10:00:00Z", "2026-01-32T10:00:00Z", "2O26-01-05T10:00:00Z", "", "\\u0032026-01-05T10:00:00Z",
    ];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_value_is_read_the_same_for_every_member(string value)
    {
        foreach (var name in (string[])["sequence_number", "meter_wh", "power_w", "current_a", "energy_wh", "offline", "type", "session_id", "station_id", "timestamp", "charging_state", "note"])
        {
            AssertSame($"{Valid[..^1]},\"{name}\":{value}}}");
            AssertSame($"{{ \"{name}\" : {value} ,\t{Valid[1..]} ");
        }
    }

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_read_the_same(string value)
    {
        AssertSame($"{Valid[..^1]},\"timestamp\":\"{value}\"}}");
        AssertSame($$"""{"session_id":"s","started_at":"{{value}}","charging_ended_at":"{{value}}","ended_at":"{{value}}","type":"completed"}""");
        AssertSame($$"""{"charger_id":"c","start_time":"{{value}}","end_time":"2026-01-06 00:00:00","energy_consumed":1.5}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData(" { } ")]
    [InlineData("{\"")]
    [InlineData("{\"type\"")]
    [InlineData("{\"type\":")]
    [InlineData("{\"type\":}")]
    [InlineData("{\"type\":,\"session_id\":\"s\"}")]
    [InlineData("{,\"type\":\"updated\"}")]
    [InlineData("{\"type\":\"updated\",}")]
    [InlineData("{\"type\":\"updated\" \"session_id\":\"s\"}")]
    [InlineData("{\"type\" \"updated\"}")]
    [InlineData("{\"type\":\"updated\"}}")]
    [InlineData("{\"type\":\"updated\"},{}")]
    [InlineData("{\"type\":\"updated\"} \u0000")]
    [InlineData("{\"type\":\"updated\"} \v")]
    [InlineData("[{\"type\":\"updated\"}]")]
    [InlineData("{\"charger_id\":\"c\",\"email\":null}")]
    public void What_is_no_event_is_refused_the_same(string line)
    {
        AssertSame(line);
        AssertSame(line + new string(' ', 40));
        AssertSame(new string(' ', 40) + line);
    }

    [Fact]
    public void A_string_of_any_length_is_read_the_same_wherever_it_ends()
    {
        for (var length = 0; length <= 70; length++)
        {
            var text = new string('x', length);
            foreach (var end in (string[])["\"}", "\" }", "\"", "", "\\\"}", "\u0001\"}", "\u001f\"}", "\u007f\"}", "\u0080\"}", "\\", "\"}\"", "\"}x"])
            {
                AssertSame($"{{\"type\":\"updated\",\"timestamp\":\"2026-01-05T10:00:00Z\",\"session_id\":\"{text}{end}");
                AssertSame($"{{\"session_id\":\"{text}{end}");
                AssertSame($"{Valid[..^1]},\"{text}\":\"{text}{end}");
                AssertSame($"{Valid[..^1]},\"{text}{end}");
                AssertSame($"{{\"{text}{end},{Valid[1..]}");
            }
            for (var at = 0; at < length; at++)
            {
                foreach (var odd in "\"\\\u0000\u001f\u007fé")
                {
                    AssertSame($"{{\"timestamp\":\"2026-01-05T10:00:00Z\",\"type\":\"started\",\"session_id\":\"{text[..at]}{odd}{text[(at + 1)..]}\"}}");
                }
            }
        }
    }

    [Fact]
    public void An_event_of_64_KiB_is_read_the_same_and_one_byte_more_is_refused_the_same()
    {
        for (var bytes = ChargingEventReader.MaxBytes - 1; bytes <= ChargingEventReader.MaxBytes + 1; bytes++)
        {
            AssertSame(Valid + new string(' ', bytes - Valid.Length));
        }
    }

    [Fact]
    public void Every_event_of_a_fleet_with_faults_is_plain_and_read_the_same()
    {
        Assert.True(FieldLines.Value.Length > 12_000, $"{FieldLines.Value.Length} lines");
        Assert.All(FieldLines.Value, line =>
        {
            Assert.True(IsPlain(line), Encoding.UTF8.GetString(line));
            AssertSame(line);
        });
    }

    [Theory]
    [InlineData(Valid, true)]
    [InlineData("""{ "type" : "updated" , "session_id":"s","timestamp":"2026-01-05T10:00:00Z","meter_wh":-1.25,"offline":true,"a":false,"b":null }""", true)]
    [InlineData("""{"charger_id":"c","start_time":"2026-01-05 10:00:00"}""", true)]
    [InlineData("""{"type":"updated","session_id":"\u0073","timestamp":"2026-01-05T10:00:00Z"}""", false)]
    [InlineData("""{"type":"updated","session_id":"é","timestamp":"2026-01-05T10:00:00Z"}""", false)]
    [InlineData("""{"type":"updated","session_id":"s","timestamp":"2026-01-05T10:00:00Z","a":[]}""", false)]
    [InlineData("""{"type":"updated","session_id":"s","timestamp":"2026-01-05T10:00:00Z","a":01}""", false)]
    public void The_quick_way_is_taken_for_plain_JSON_alone(string line, bool isPlain) => Assert.Equal(isPlain, IsPlain(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Spoilt_lines_are_read_the_same()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var lines = FieldLines.Value;
        var random = new Random(seed);
        var spoilt = 0;
        var plain = 0;
        foreach (var line in lines)
        {
            for (var i = 0; i < MutationsPerLine; i++)
            {
                var mutated = LineMutation.Apply(line, random);
                AssertSame(mutated, seed);
                plain += IsPlain(mutated) ? 1 : 0;
                spoilt++;
            }
        }
        output.WriteLine($"{spoilt} lines, {plain} of them plain");
        Assert.True(spoilt >= 300_000, $"{spoilt} lines");
        // Both ways have their share.
        Assert.InRange(plain, spoilt / 10, spoilt * 9 / 10);
    }

    private static bool IsPlain(byte[] line)
    {
        var buffer = new EventBuffer(line.Length);
        var at = buffer.Append(line);
        var members = new EventMemberReader(buffer);
        ChargingEvent read = default;
        return PlainEventScanner.TryRead(at.In(buffer.Bytes), at.Start, ref members, ref read);
    }

    private static void AssertSame(string line) => AssertSame(Encoding.UTF8.GetBytes(line));

    private static void AssertSame(byte[] line, int seed = 0)
    {
        // What stands around the line is no part of it.
        var buffer = new EventBuffer(4096);
        buffer.Append("\"x\":1}"u8);
        var at = buffer.Append(line);
        buffer.Append("\"}{\"type\":1}"u8);
        var length = buffer.Length;
        var refusal = ChargingEventReader.Read(buffer, at, out var read);

        var full = new EventBuffer(4096);
        full.Append(buffer.Bytes[..length]);
        var expected = ChargingEventReader.ReadInFull(full, at, out var expectedRead);

        if (refusal != expected || Texts(read, buffer) != Texts(expectedRead, full) || Values(read) != Values(expectedRead))
        {
            Assert.Fail($"seed {seed}: {refusal.Code} {Texts(read, buffer)} {Values(read)}, but by the JSON reader {expected.Code} {Texts(expectedRead, full)} {Values(expectedRead)}: "
                + Convert.ToHexString(line) + " " + Encoding.UTF8.GetString(line));
        }
    }

    private static (EventMembers, ChargingEventType, EvBilling.Events.ChargingState, bool, long, (long, long, long, long), (long, long, long, long)) Values(in ChargingEvent e) =>
        (e.Members, e.Type, e.ChargingState, e.Offline, e.SequenceNumber, (e.TimestampNs, e.StartedAtNs, e.EndedAtNs, e.ChargingEndedAtNs),
            (e.MeterMwh, e.EnergyMwh, e.PowerMw, e.CurrentMa));

    private static string Texts(in ChargingEvent e, EventBuffer buffer)
    {
        var texts = new StringBuilder();
        foreach (var text in (TextSlice[])[e.SessionId, e.EventId, e.LocationId, e.StationId, e.EvseId, e.ConnectorId, e.TariffId, e.TokenId, e.TriggerReason, e.StoppedReason, e.PhoneNumber, e.Email])
        {
            texts.Append(text.Start).Append(':').Append(Encoding.UTF8.GetString(text.In(buffer.Bytes))).Append('|');
        }
        return texts.ToString();
    }
}
