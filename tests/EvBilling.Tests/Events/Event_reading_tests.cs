using System.Text;
using EvBilling.Events;

namespace EvBilling.Tests.Events;

public class Event_reading_tests
{
    private const string Valid = """{"type":"updated","session_id":"s","timestamp":"2026-01-05T10:00:00Z"}""";

    public static TheoryData<string, string> Refused => new()
    {
        { "", "Empty" },
        { " \t\r", "Empty" },
        { "{", "NotJson" },
        { Valid + "x", "NotJson" },
        { "{\"type\":\"updated\",}", "NotJson" },
        { "/* c */ {}", "NotJson" },
        { "[1]", "NotAnObject" },
        { "null", "NotAnObject" },
        { "\"text\"", "NotAnObject" },
        { "{}", "MissingMember:type" },
        { """{"type":1,"session_id":"s"}""", "WrongType:type" },
        { """{"type":"decision","session_id":"s"}""", "UnknownType" },
        { """{"type":"Started","session_id":"s"}""", "UnknownType" },
        { """{"type":"started","timestamp":"2026-01-05T10:00:00Z"}""", "MissingMember:session_id" },
        { """{"type":"started","session_id":"s"}""", "MissingMember:timestamp" },
        { """{"type":"completed","session_id":"s","ended_at":"2026-01-05T10:00:00Z"}""", "MissingMember:started_at" },
        { """{"type":"completed","session_id":"s","started_at":"2026-01-05T10:00:00Z"}""", "MissingMember:ended_at" },
        { With("\"session_id\":7"), "WrongType:session_id" },
        { With("\"session_id\":\"\""), "OutOfRange:session_id" },
        { With($"\"session_id\":\"{new string('x', 65)}\""), "OutOfRange:session_id" },
        { With("\"session_id\":\"a\\u0000b\""), "OutOfRange:session_id" },
        { With("\"event_id\":\"\""), "OutOfRange:event_id" },
        { With("\"event_id\":null"), "WrongType:event_id" },
        { With("\"timestamp\":\"2026-01-05\""), "WrongType:timestamp" },
        { With("\"timestamp\":\"2026-02-30T10:00:00Z\""), "WrongType:timestamp" },
        { With("\"timestamp\":\"2026-01-05T10:00:00\""), "WrongType:timestamp" },
        { With("\"timestamp\":1767607200"), "WrongType:timestamp" },
        { With("\"timestamp\":\"1969-12-31T23:59:59Z\""), "OutOfRange:timestamp" },
        { With("\"timestamp\":\"2262-01-01T00:00:00Z\""), "OutOfRange:timestamp" },
        { With("\"sequence_number\":-1"), "OutOfRange:sequence_number" },
        { With("\"sequence_number\":1.5"), "WrongType:sequence_number" },
        { With("\"sequence_number\":9223372036854775808"), "OutOfRange:sequence_number" },
        { With("\"meter_wh\":-0.001"), "OutOfRange:meter_wh" },
        { With("\"meter_wh\":\"12\""), "WrongType:meter_wh" },
        { With("\"meter_wh\":1e12"), "OutOfRange:meter_wh" },
        { With("\"power_w\":1e99999999"), "OutOfRange:power_w" },
        { With("\"charging_state\":\"charging\""), "OutOfRange:charging_state" },
        { With("\"charging_state\":true"), "WrongType:charging_state" },
        { With("\"offline\":\"true\""), "WrongType:offline" },
        { With($"\"connector_id\":\"{new string('1', 37)}\""), "OutOfRange:connector_id" },
        { With("\"trigger_reason\":[]"), "WrongType:trigger_reason" },
        { """{"type":"started","session_id":"","timestamp":"x"}""", "OutOfRange:session_id" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_text_that_is_no_event_is_refused_by_name(string text, string reason)
    {
        var refusal = Read(Encoding.UTF8.GetBytes(text), out _, out _);

        Assert.Equal(reason, refusal.Code);
        Assert.EndsWith(".", refusal.Detail);
    }

    [Fact]
    public void An_event_of_64_KiB_is_read_and_one_byte_more_is_refused()
    {
        var filler = ChargingEventReader.MaxBytes - With("\"unknown\":\"\"").Length;

        Assert.False(Read(Encoding.UTF8.GetBytes(With($"\"unknown\":\"{new string('x', filler)}\"")), out _, out _).IsRefused);
        Assert.Equal("TooLarge", Read(Encoding.UTF8.GetBytes(With($"\"unknown\":\"{new string('x', filler + 1)}\"")), out _, out _).Code);
    }

    [Fact]
    public void Invalid_UTF_8_is_not_JSON() => Assert.Equal("NotJson", Read([.. "{\"type\":\""u8, 0xC3, 0x28, .. "\"}"u8], out _, out _).Code);

    [Theory]
    [InlineData("\"meter_wh\":12.3455", 12_346)]
    [InlineData("\"meter_wh\":12.34549", 12_345)]
    [InlineData("\"meter_wh\":1.2e3", 1_200_000)]
    [InlineData("\"meter_wh\":0.0004", 0)]
    [InlineData("\"meter_wh\":-0", 0)]
    [InlineData("\"meter_wh\":999999999999", 999_999_999_999_000)]
    [InlineData("\"meter_wh\":1,\"meter_wh\":2", 2_000)]
    public void A_reading_is_kept_to_the_milliwatt_hour_halves_away_from_zero(string member, long mwh)
    {
        Assert.False(Read(Encoding.UTF8.GetBytes(With(member)), out var e, out _).IsRefused);
        Assert.Equal(mwh, e.MeterMwh);
    }

    [Theory]
    [InlineData("2026-01-05T10:00:00Z", 1_767_607_200_000_000_000)]
    [InlineData("2026-01-05t12:00:00.5+02:00", 1_767_607_200_500_000_000)]
    [InlineData("2026-01-05T10:00:00.1234567891Z", 1_767_607_200_123_456_789)]
    [InlineData("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000)]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2261-12-31T23:59:59Z", 9_214_646_399_000_000_000)]
    public void A_time_is_an_instant_whatever_its_offset(string text, long unixNs)
    {
        Assert.False(Read(Encoding.UTF8.GetBytes(With($"\"timestamp\":\"{text}\"")), out var e, out _).IsRefused);
        Assert.Equal(unixNs, e.TimestampNs);
    }

    [Fact]
    public void A_time_is_written_as_it_is_read()
    {
        foreach (var unixNs in (long[])[0, 1, 1_767_607_200_000_000_000, 1_767_607_200_500_000_000, 951_782_399_999_999_999, 9_214_646_399_999_999_999])
        {
            Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(Rfc3339.Format(unixNs)), out var read, out var inRange) && inRange);
            Assert.Equal(unixNs, read);
        }
        Assert.Equal("2024-02-29T12:00:00Z", Rfc3339.Format(1_709_208_000_000_000_000));
        Assert.Equal("2024-02-29T12:00:00.05Z", Rfc3339.Format(1_709_208_000_050_000_000));
    }

    [Fact]
    public void Escaped_texts_are_unescaped_and_lengths_count_characters_not_bytes()
    {
        var sixtyFour = string.Concat(Enumerable.Repeat("\\ud83d\\ude97", 64));
        Assert.False(Read(Encoding.UTF8.GetBytes(With($"\"session_id\":\"{sixtyFour}\",\"token_id\":\"\\u0041b\"")), out var e, out var buffer).IsRefused);

        Assert.Equal(string.Concat(Enumerable.Repeat("\U0001F697", 64)), Encoding.UTF8.GetString(e.SessionId.In(buffer.Bytes)));
        Assert.Equal("Ab", Encoding.UTF8.GetString(e.TokenId.In(buffer.Bytes)));
    }

    [Fact]
    public void Reading_a_plain_event_allocates_nothing()
    {
        var buffer = new EventBuffer(1 << 16);
        var line = buffer.Append(Encoding.UTF8.GetBytes(
            """{"type":"updated","event_id":"1-2","session_id":"S-22-1","sequence_number":2,"timestamp":"2026-01-05T03:27:56Z","station_id":"CP-1","meter_wh":8875973.5,"power_w":128355,"offline":false,"charging_state":"Charging"}"""));
        for (var i = 0; i < 200; i++)
        {
            ChargingEventReader.Read(buffer, line, out _);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            ChargingEventReader.Read(buffer, line, out _);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>A valid event with another member, which counts where it stands twice.</summary>
    private static string With(string member) => Valid[..^1] + "," + member + "}";

    private static EventRefusal Read(byte[] line, out ChargingEvent e, out EventBuffer buffer)
    {
        buffer = new EventBuffer();
        return ChargingEventReader.Read(buffer, buffer.Append(line), out e);
    }
}
