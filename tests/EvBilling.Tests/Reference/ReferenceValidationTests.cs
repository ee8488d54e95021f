using System.Text;

namespace EvBilling.Tests.Reference;

public class ReferenceValidationTests
{
    private const string Good = "'session_id':'s','timestamp':'2026-01-05T10:00:00Z'";

    [Theory]
    [InlineData("", "Empty")]
    [InlineData(" \t\r\n", "Empty")]
    [InlineData("x", "NotJson")]
    [InlineData("{'type':'updated'", "NotJson")]
    [InlineData("{} {}", "NotJson")]
    [InlineData("{} // done", "NotJson")]
    [InlineData("{'meter_wh':NaN}", "NotJson")]
    [InlineData("[]", "NotAnObject")]
    [InlineData("{}", "MissingMember:type")]
    [InlineData("{'type':null}", "WrongType:type")]
    [InlineData("{'type':'decision','event_id':1}", "UnknownType")]
    [InlineData("{'type':'updated','event_id':''}", "OutOfRange:event_id")]
    [InlineData("{'type':'updated','meter_wh':-1}", "MissingMember:session_id")]
    [InlineData("{'type':'updated','session_id':'s','sequence_number':-1}", "OutOfRange:sequence_number")]
    [InlineData("{'type':'updated','session_id':'s','meter_wh':-1}", "MissingMember:timestamp")]
    [InlineData("{'type':'completed','session_id':'s','energy_wh':-1}", "MissingMember:started_at")]
    [InlineData("{'type':'completed','session_id':'s','started_at':'2026-01-05T10:00:00Z'}", "MissingMember:ended_at")]
    [InlineData("{'type':'updated','type':'started','session_id':1,'session_id':'s','timestamp':'2026-01-05T10:00:00Z'}", null)]
    [InlineData("{'type':'\\u0065nded','session_id':'s','time\\u0073tamp':'2026-01-05T10:00:00Z','vendor':[{'a':'\\ud800'}]}", null)]
    public void A_line_is_refused_for_the_first_thing_that_is_wrong(string line, string? reason) => Assert.Equal(reason, Check(line));

    [Theory]
    [InlineData("'sequence_number':3e0", null)]
    [InlineData("'sequence_number':-0.0", null)]
    [InlineData("'sequence_number':1.5", "WrongType")]
    [InlineData("'sequence_number':-1.5", "WrongType")]
    [InlineData("'sequence_number':9223372036854775807", null)]
    [InlineData("'sequence_number':9223372036854775808", "OutOfRange")]
    [InlineData("'sequence_number':1e400", "OutOfRange")]
    [InlineData("'sequence_number':'1'", "WrongType")]
    [InlineData("'meter_wh':999999999999", null)]
    [InlineData("'meter_wh':1e12", "OutOfRange")]
    [InlineData("'meter_wh':-0.0001", "OutOfRange")]
    [InlineData("'meter_wh':-0", null)]
    [InlineData("'meter_wh':1.00000000000000000000000000000000001", null)]
    [InlineData("'power_w':-999999999999", null)]
    [InlineData("'current_a':999999999.5", "OutOfRange")]
    [InlineData("'offline':0", "WrongType")]
    [InlineData("'charging_state':'charging'", "OutOfRange")]
    [InlineData("'token_id':'\\u0000'", "OutOfRange")]
    [InlineData("'trigger_reason':'\\ud800'", "OutOfRange")]
    [InlineData("'connector_id':'1234567890123456789012345678901234567'", "OutOfRange")]
    [InlineData("'connector_id':'12345678901234567890123456789012345\\ud83d\\ude00'", null)]
    [InlineData("'started_at':'2026-01-05'", "WrongType")]
    public void A_member_must_be_of_its_type_and_in_its_range(string member, string? reason)
    {
        string name = member[1..member.IndexOf('\'', 1)];
        Assert.Equal(reason is null ? null : reason + ":" + name, Check("{'type':'updated'," + Good + "," + member + "}"));
        Assert.Equal("WrongType:" + name, Check("{'type':'updated'," + Good + ",'" + name + "':null}"));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0L)]
    [InlineData("1970-01-01t01:00:00.0000000019+01:00", 1L)]
    [InlineData("1970-01-01T23:59:60.9Z", 86_400_000_000_000L)]
    [InlineData("1969-12-31T23:59:60Z", 0L)]
    [InlineData("2261-12-31T23:59:59.999999999z", 9_214_646_399_999_999_999L)]
    [InlineData("2262-01-01T00:00:00Z", null)]
    [InlineData("1969-12-31T23:59:59.9999999999Z", null)]
    [InlineData("0000-02-29T00:00:00Z", null)]
    public void A_time_is_an_instant_to_the_nanosecond(string text, long? nanoseconds)
    {
        Assert.True(ReferenceTime.TryParse(text, out long? read));
        Assert.Equal(nanoseconds, read);
    }

    [Theory]
    [InlineData("2026-01-05T10:00:00")]
    [InlineData("2026-01-05 10:00:00Z")]
    [InlineData("2026-02-29T10:00:00Z")]
    [InlineData("2026-01-05T24:00:00Z")]
    [InlineData("2026-01-05T10:00:60Z")]
    [InlineData("2026-01-05T10:00:00.Z")]
    [InlineData("2026-01-05T10:00:00+0200")]
    [InlineData("2026-01-05T10:00:00Z\n")]
    [InlineData("\uff12026-01-05T10:00:00Z")]
    public void What_is_no_date_time_is_of_the_wrong_type(string text) => Assert.False(ReferenceTime.TryParse(text, out _));

    [Theory]
    [InlineData("0.0005", 1L)]
    [InlineData("-0.0005", -1L)]
    [InlineData("0.00049999999999999999999999999999999", 0L)]
    [InlineData("12.3456e2", 1_234_560L)]
    [InlineData("1e-99999999999", 0L)]
    [InlineData("100.0000", 100_000L)]
    public void Thousandths_are_rounded_half_away_from_zero(string json, long thousandths) =>
        Assert.Equal(thousandths, new ReferenceNumber(json).ToThousandths());

    [Fact]
    public void Bytes_count_before_what_they_mean()
    {
        byte[] line = Encoding.UTF8.GetBytes(("{'type':'updated'," + Good + "}").Replace('\'', '"').PadRight(ReferenceValidation.BytesMax));
        Assert.Null(ReferenceValidation.Check(line));
        Assert.Equal("TooLarge", ReferenceValidation.Check([.. line, (byte)' ']));
        Assert.Equal("Empty", ReferenceValidation.Check(new string(' ', 70_000).Select(c => (byte)c).ToArray()));
        Assert.Equal("NotJson", ReferenceValidation.Check([.. "{\"vendor\":\""u8, 0xff, .. "\"}"u8]));
        Assert.Null(Check("{'type':'updated'," + Good + ",'vendor':" + new string('[', 2000) + new string(']', 2000) + "}"));
    }

    private static string? Check(string line) => ReferenceValidation.Check(Encoding.UTF8.GetBytes(line.Replace('\'', '"')));
}
