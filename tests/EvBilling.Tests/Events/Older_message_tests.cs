using System.Security.Cryptography;
using System.Text;
using EvBilling.Events;
using EvBilling.Tests.Sessions;

namespace EvBilling.Tests.Events;

/// <summary>What the older system sends is read wherever events are, and its contact data goes beside the event, never into it.</summary>
public class Older_message_tests
{
    private const string Message =
        """{"charger_id":"C1","charger_type":"DC","start_time":"2024-05-01 10:00:00","end_time":"2024-05-01T11:30:00","duration_minutes":90,"energy_consumed":7.25,"phone_number":"+49 170 1234567","email":"joe@example.org"}""";

    private static readonly string OfFullLength = new('c', 47);

    public static TheoryData<string, string> Refused => new()
    {
        { "{'charger_id':1}", "WrongType:charger_id" },
        { "{'charger_id':null}", "WrongType:charger_id" },
        { "{'charger_id':''}", "OutOfRange:charger_id" },
        { $"{{'charger_id':'{new string('c', 65)}'}}", "OutOfRange:charger_id" },
        { "{'charger_id':'C1'}", "MissingMember:start_time" },
        { Without("start_time"), "MissingMember:start_time" },
        { Without("end_time"), "MissingMember:end_time" },
        { Without("energy_consumed"), "MissingMember:energy_consumed" },
        { With("'start_time':null"), "WrongType:start_time" },
        { With("'start_time':1714557600"), "WrongType:start_time" },
        { With("'start_time':'01.05.2024 10:00'"), "WrongType:start_time" },
        { With("'end_time':'2024-05-01'"), "WrongType:end_time" },
        { With("'end_time':'2262-01-01 00:00:00'"), "OutOfRange:end_time" },
        { With("'energy_consumed':'7.25'"), "WrongType:energy_consumed" },
        { With("'energy_consumed':null"), "WrongType:energy_consumed" },
        { With("'energy_consumed':-0.0000001"), "OutOfRange:energy_consumed" },
        { With("'energy_consumed':1e9"), "OutOfRange:energy_consumed" },
        { With("'phone_number':491701234567"), "WrongType:phone_number" },
        { With($"'phone_number':'{new string('1', 65)}'"), "OutOfRange:phone_number" },
        { With("'email':['joe@example.org']"), "WrongType:email" },
        { With($"'email':'{new string('e', 255)}'"), "OutOfRange:email" },
        { With("'email':'\\u0000'"), "OutOfRange:email" },
        { With("'email':1,'start_time':'x'"), "WrongType:start_time" },
        { With("'type':null"), "WrongType:type" },
        { With("'type':'started'"), "MissingMember:session_id" },
        { "{'session_id':'s','start_time':'2024-05-01 10:00:00'}", "MissingMember:type" },
        { "{'vendor':{'charger_id':'C1'}}", "MissingMember:type" },
    };

    [Fact]
    public void A_message_becomes_a_completed_event_with_the_contact_data_beside_it()
    {
        var refusal = Read(Message, out var e, out var buffer);

        Assert.False(refusal.IsRefused, refusal.Code);
        Assert.Equal(ChargingEventType.Completed, e.Type);
        Assert.Equal("C1@20240501T100000Z", Text(e.SessionId, buffer));
        Assert.Equal("C1", Text(e.EvseId, buffer));
        Assert.Equal("2024-05-01T10:00:00Z", Rfc3339.Format(e.StartedAtNs));
        Assert.Equal("2024-05-01T11:30:00Z", Rfc3339.Format(e.EndedAtNs));
        Assert.Equal(7_250_000, e.EnergyMwh);
        Assert.Equal(
            EventMembers.Type | EventMembers.SessionId | EventMembers.EvseId | EventMembers.StartedAt | EventMembers.EndedAt | EventMembers.Energy, e.Members);
        Assert.Equal(("+49 170 1234567", "joe@example.org"), (Text(e.PhoneNumber, buffer), Text(e.Email, buffer)));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_message_that_lacks_something_is_refused_by_the_older_systems_name_for_it(string text, string reason)
    {
        var refusal = Read(text.Replace('\'', '"'), out _, out _);

        Assert.Equal(reason, refusal.Code);
        Assert.EndsWith(".", refusal.Detail);
    }

    [Theory]
    [InlineData("'start_time':'noon'", "The member start_time is not a date-time, such as \"2024-05-01 10:00:00\" (UTC) or \"2024-05-01T12:00:00+02:00\".")]
    [InlineData("'energy_consumed':-1", "The member energy_consumed is out of its range: 0 to 999999999.999 kWh.")]
    [InlineData("'end_time':'1969-12-31 23:59'", "The member end_time is out of its range: 1970-01-01 to 2261-12-31.")]
    [InlineData("'charger_id':''", "The member charger_id is out of its range: 1 to 64 characters, none of them U+0000.")]
    public void A_refusal_says_what_the_older_system_is_to_send(string member, string detail)
    {
        Assert.Equal(detail, Read(With(member).Replace('\'', '"'), out _, out _).Detail);
        Assert.Equal(
            "The member end_time is missing; it must be there in a message of the older system.", Read(Without("end_time"), out _, out _).Detail);
    }

    [Theory]
    [InlineData("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T10:00:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01 10:00:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01 10:00:00.123456", "2024-05-01T10:00:00.123456Z")]
    [InlineData("2024-05-01 12:00:00+02:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T10:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T12:00+02:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T10:00Z", "2024-05-01T10:00:00Z")]
    [InlineData("2016-12-31 23:59:60", "2017-01-01T00:00:00Z")]
    [InlineData("2024-05-01\\u002010:00:00", "2024-05-01T10:00:00Z")]
    [InlineData("2024-05-01T10:00.5", null)]
    [InlineData("2024-05-01T10:00:00+0200", null)]
    [InlineData("2024-05-01 10:00:00 UTC", null)]
    [InlineData("2024-05-01  10:00:00", null)]
    [InlineData(" 2024-05-01 10:00:00", null)]
    [InlineData("2024-05-01T10", null)]
    [InlineData("2024-05-01 10:00:00 AM", null)]
    [InlineData("05/01/2024 10:00:00", null)]
    public void A_time_without_a_zone_is_UTC(string text, string? instant)
    {
        var refusal = Read(With($"'start_time':'{text}'").Replace('\'', '"'), out var e, out _);

        Assert.Equal(instant is null ? "WrongType:start_time" : "None", refusal.Code);
        Assert.Equal(instant ?? "1970-01-01T00:00:00Z", Rfc3339.Format(e.StartedAtNs));
    }

    [Theory]
    [InlineData("7.25", 7_250_000)]
    [InlineData("0", 0)]
    [InlineData("0.1", 100_000)]
    [InlineData("12.345678", 12_345_678)]
    [InlineData("12.3456785", 12_345_679)]
    [InlineData("12.34567849999999999999999", 12_345_678)]
    [InlineData("1234567e-3", 1_234_567_000)]
    [InlineData("999999999.999", 999_999_999_999_000)]
    public void Kilowatt_hours_are_milliwatt_hours_to_the_digit(string kilowattHours, long mwh)
    {
        Assert.False(Read(With($"'energy_consumed':{kilowattHours}").Replace('\'', '"'), out var e, out _).IsRefused);
        Assert.Equal(mwh, e.EnergyMwh);
    }

    [Fact]
    public void A_session_id_over_64_characters_is_a_hash_of_it()
    {
        Assert.Equal(OfFullLength + "@20240501T100000Z", SessionIdOf(OfFullLength));
        var over = OfFullLength + "c";
        Assert.Equal(HashOf(over), SessionIdOf(over));
        // Characters count, not bytes.
        var cars = string.Concat(Enumerable.Repeat("\U0001F697", 47));
        Assert.Equal(cars + "@20240501T100000Z", SessionIdOf(cars));
        Assert.StartsWith("sha256:", SessionIdOf(cars + "c"), StringComparison.Ordinal);
        // A frozen one: stored sessions bear it.
        Assert.Equal("sha256:c0f627b2bac551bbf50fbc57c8a9f1dd8295ce6d", SessionIdOf(new string('c', 64)));
    }

    [Theory]
    [InlineData("2024-05-01 10:00:00.999")]
    [InlineData("2024-05-01T12:00:00+02:00")]
    public void A_session_id_states_the_start_in_UTC_to_the_second(string start)
    {
        Assert.False(Read(With($"'start_time':'{start}'").Replace('\'', '"'), out var e, out var buffer).IsRefused);
        Assert.Equal("C1@20240501T100000Z", Text(e.SessionId, buffer));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("''")]
    [InlineData("'***'")]
    public void Contact_data_that_is_unknown_empty_or_blanked_is_none(string json)
    {
        Assert.False(Read(With($"'phone_number':{json},'email':{json}").Replace('\'', '"'), out var e, out _).IsRefused);
        Assert.Equal((default, default), (e.PhoneNumber, e.Email));
    }

    [Fact]
    public void What_a_dead_letter_keeps_of_a_message_is_read_as_the_message_without_contact_data()
    {
        var kept = Redaction.Redact(Encoding.UTF8.GetBytes(Message.Replace("joe", "joé", StringComparison.Ordinal)), out _);

        Assert.False(Read(kept, out var e, out _).IsRefused);
        Assert.Equal((default, default), (e.PhoneNumber, e.Email));
        Assert.Equal(7_250_000, e.EnergyMwh);
    }

    [Fact]
    public void Contact_data_of_any_other_event_is_an_unknown_member()
    {
        var refusal = Read(
            """{"type":"started","session_id":"s","timestamp":"2024-05-01T10:00:00Z","charger_id":5,"phone_number":"+49 170 1234567","email":"joe@example.org"}""",
            out var e,
            out _);

        Assert.False(refusal.IsRefused);
        Assert.Equal((default, default), (e.PhoneNumber, e.Email));
        Assert.Equal(EventMembers.Type | EventMembers.SessionId | EventMembers.Timestamp, e.Members);
    }

    [Fact]
    public void A_record_is_that_of_the_completed_event_and_knows_no_contact_data()
    {
        const string Id = "C1@20240501T100000Z";
        var message = Assembling.Record([Message], Id);
        var completed = Assembling.Record(
            [$$"""{"type":"completed","session_id":"{{Id}}","evse_id":"C1","started_at":"2024-05-01T10:00:00Z","ended_at":"2024-05-01T11:30:00Z","energy_wh":7250}"""], Id);

        Assert.Equal(Convert.ToHexString(completed.ToBytes()), Convert.ToHexString(message.ToBytes()));
        // The same session with other contact data is the same event sent again.
        Assert.False(message.Merge(Assembling.Record([With("'email':'ann@example.org','phone_number':null").Replace('\'', '"')], Id)));
        Assert.Equal("final", Assembling.Status(Assembling.Assemble(message), false));
    }

    [Fact]
    public void A_message_that_ends_before_it_starts_is_a_held_session_and_no_dead_letter()
    {
        var record = Assembling.Record([With("'end_time':'2024-05-01 09:00:00'").Replace('\'', '"')], "C1@20240501T100000Z");

        Assert.Equal("held", Assembling.Status(Assembling.Assemble(record), false));
    }

    [Fact]
    public void Members_of_events_and_unknown_ones_are_ignored_and_of_two_of_one_name_the_last_counts()
    {
        Assert.False(Read(
            With("'session_id':1,'evse_id':'E','energy_wh':-1,'charger_type':[],'duration_minutes':'?','charger_id':{'a':1},'\\u0063harger_id':'C\\u0032','\\ud800aaaaaaaaa':0").Replace('\'', '"'),
            out var e,
            out var buffer).IsRefused);
        Assert.Equal(("C2@20240501T100000Z", "C2", 7_250_000), (Text(e.SessionId, buffer), Text(e.EvseId, buffer), e.EnergyMwh));
    }

    [Fact]
    public void Reading_a_message_allocates_nothing()
    {
        var buffer = new EventBuffer(1 << 16);
        var line = Encoding.UTF8.GetBytes(Message);
        var over = Encoding.UTF8.GetBytes(Message.Replace("C1", OfFullLength + "c", StringComparison.Ordinal));
        var least = long.MaxValue;
        for (var i = 0; i < 500; i++)
        {
            buffer.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            ChargingEventReader.Read(buffer, buffer.Append(line), out _);
            ChargingEventReader.Read(buffer, buffer.Append(over), out _);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    [Fact]
    public void A_message_is_read_whole_though_the_buffer_grows_meanwhile()
    {
        foreach (var room in Enumerable.Range(0, 200))
        {
            var text = Encoding.UTF8.GetBytes(Message.Replace("C1", "C\\u0031" + OfFullLength, StringComparison.Ordinal).Replace("joe", "jo\\u00e9", StringComparison.Ordinal));
            var buffer = new EventBuffer(text.Length + room);

            Assert.False(ChargingEventReader.Read(buffer, buffer.Append(text), out var e).IsRefused);
            Assert.Equal(("C1" + OfFullLength, "joé@example.org", "+49 170 1234567"), (Text(e.EvseId, buffer), Text(e.Email, buffer), Text(e.PhoneNumber, buffer)));
            Assert.Equal(HashOf("C1" + OfFullLength), Text(e.SessionId, buffer));
        }
    }

    private static string HashOf(string chargerId) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(chargerId + "@20240501T100000Z")))[..40];

    private static string SessionIdOf(string chargerId)
    {
        Assert.False(Read(Message.Replace("C1", chargerId, StringComparison.Ordinal), out var e, out var buffer).IsRefused);
        return Text(e.SessionId, buffer);
    }

    /// <summary>The message with further members, which count where they stand twice; single quotes stand for double ones.</summary>
    private static string With(string members) => Message[..^1] + "," + members + "}";

    private static string Without(string name) => Message.Replace($"\"{name}\"", "\"other\"", StringComparison.Ordinal);

    private static string Text(TextSlice text, EventBuffer buffer) => Encoding.UTF8.GetString(text.In(buffer.Bytes));

    private static EventRefusal Read(string line, out ChargingEvent e, out EventBuffer buffer) => Read(Encoding.UTF8.GetBytes(line), out e, out buffer);

    private static EventRefusal Read(byte[] line, out ChargingEvent e, out EventBuffer buffer)
    {
        buffer = new EventBuffer();
        return ChargingEventReader.Read(buffer, buffer.Append(line), out e);
    }
}
