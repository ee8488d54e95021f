using System.Text;
using CsCheck;

namespace EvBilling.Tests.Reference;

/// <summary>
/// Single lines for what may and may not be an event, or a message of the older system: a good one, some members of it replaced, added, taken out or
/// doubled, and now and then the whole spoilt as bytes.
/// </summary>
internal static class LineGenerator
{
    private static readonly string[] Names =
    [
        "type", "event_id", "session_id", "sequence_number", "timestamp", "location_id", "station_id", "evse_id", "connector_id", "tariff_id",
        "token_id", "charging_state", "trigger_reason", "stopped_reason", "offline", "meter_wh", "power_w", "current_a", "started_at", "ended_at",
        "charging_ended_at", "energy_wh", "vendor", "Type", "type ", "\\u0074ype", "meter_\\u0077h", "\\ud800", "",
    ];

    private static readonly string[] OlderNames =
    [
        "charger_id", "charger_type", "start_time", "end_time", "duration_minutes", "energy_consumed", "phone_number", "email",
        "type", "session_id", "evse_id", "energy_wh", "vendor", "Charger_id", "\\u0063harger_id", "emai\\u006c", "\\ud800aaaaaaaaa", "",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-0", "-0.0", "0e5", "1", "3.0", "3e0", "30e-1", "1.5", "-1", "-1.5", "1e3", "1E+3", "1e-3", "1.0005", "0.0004", "0.0005", "-0.0001",
        "12345678901234567890", "9223372036854775807", "9223372036854775808", "9223372036854775807.0", "922337203685477580.7e1", "999999999",
        "999999999.001", "999999999.999", "999999999.9990000001", "7.0000004", "7.0000005", "999999999999", "999999999999.0004", "1e12", "-999999999999", "-1e12", "1e400", "1e-400", "0e999999999999999999999",
        "1e99999999999999999999", "1e-99999999999999999999", "0.00000000000000000000000000000000000001", "123456789.123456789123456789123456789123456789",
        "01", "+1", ".5", "1.", "1e", "-", "0x10", "NaN", "Infinity", "1_000",
    ];

    private static readonly string[] Times =
    [
        "2026-01-05T10:00:00Z", "2026-01-05t10:00:00z", "2026-01-05T12:00:00+02:00", "2026-01-05T04:30:00.5-05:30", "2026-01-05T10:00:00-00:00",
        "2026-01-05T10:00:00.123456789Z", "2026-01-05T10:00:00.9999999999999Z", "2026-01-05T10:00:00.Z", "2026-01-05T10:00:00,5Z", "2026-01-05T10:00:00",
        "2026-01-05T10:00Z", "2026-01-05", "2026-01-05 10:00:00Z", "20260105T100000Z", "2026-1-5T10:00:00Z", "2026-02-29T00:00:00Z", "2028-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T10:60:00Z",
        "2016-12-31T23:59:60Z", "2016-12-31T23:59:60.7Z", "2017-01-01T00:59:60+01:00", "2016-12-31T23:59:60+01:00", "2026-01-05T10:00:60Z",
        "2016-12-31T23:59:61Z", "2026-01-05T10:00:00+24:00", "2026-01-05T10:00:00+23:59", "2026-01-05T10:00:00+02:60", "2026-01-05T10:00:00+0200",
        "2026-01-05T10:00:00+02", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00+00:01", "1969-12-31T23:00:00-02:00",
        "2261-12-31T23:59:59.999999999Z", "2262-01-01T00:00:00Z", "2262-01-01T00:30:00+01:00", "9999-12-31T23:59:59-23:59", "0000-02-29T00:00:00Z",
        "0001-01-01T00:00:00+23:59", "+2026-01-05T10:00:00Z", "-2026-01-05T10:00:00Z", " 2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z ",
        "2026-01-05T10:00:00Z\\n", "2026-01-05T10:00:00\\u005a", "２026-01-05T10:00:00Z", "",
        "2026-01-05 10:00:00", "2026-01-05T10:00:00.123456", "2026-01-05 10:00", "2026-01-05T10:00+02:00", "2026-01-05 10:00:00.5-05:30", "2026-01-05T10:00.5",
        "2026-01-05  10:00:00", "2026-01-05 10:00:00 UTC", "2026-01-05 10:00:00\\u005a", "2026-01-05\\u002010:00:00", "2026-01-05T10:00:", "2026-01-05T10:00-",
        "2026-01-05T10:00:00.", "2016-12-31 23:59:60", "1969-12-31 23:59", "2261-12-31 23:59", "2262-01-01 00:00", "2026-01-05_10:00:00", "2026-01-05T10",
    ];

    private static readonly string[] Texts =
    [
        "a", "", "\\u0041", "\\ud83d\\ude00", "😀", "\\ud800", "\\ude00\\ud83d", "\\u0000", "a\\u0000b", "\\n", "\\/", "\\x", "\\u12", "\u0001", "null",
        "started", "updated", "ended", "completed", "Started", "\\u0065nded", "decision", "Charging", "charging", "SuspendedEV", "\\u0049dle",
        new('x', 36), new('x', 37), new('x', 64), new('x', 65), Repeated("😀", 36), Repeated("😀", 37), Repeated("\\ud83d\\ude00", 64), Repeated("😀", 65),
        Repeated("e\u0301", 32), Repeated("\\u00e9", 65), new('x', 47), new('x', 48), Repeated("😀", 47), Repeated("😀", 48), new('x', 254), new('x', 255),
        Repeated("\\u00e9", 254), "*", new('*', 300), "**é", "+49 170 1234567", "joe@example.org",
    ];

    private static readonly string[] Others = ["null", "true", "false", "[]", "{}", "[1,2", "{\"a\":1}", "[{\"type\":\"x\"}]", "True", "undefined", "''", ""];

    private static readonly Gen<string> Value = Gen.Frequency(
        (4, Gen.OneOf(Numbers)), (4, Gen.OneOf(Times).Select(Quoted)), (4, Gen.OneOf(Texts).Select(Quoted)), (2, Gen.OneOf(Others)),
        (1, Gen.OneOf(10, 63, 64, 65, 1000).Select(depth => new string('[', depth) + new string(']', depth))));

    /// <summary>A value such as the member may have, or one just beside it: most of the other pairs end at the type.</summary>
    private static readonly Gen<(string Name, string Json)> Fitting = Gen.OneOf(
        Pair(Gen.OneOf("sequence_number", "meter_wh", "power_w", "current_a", "energy_wh"), Gen.OneOf(Numbers)),
        Pair(Gen.OneOf("timestamp", "started_at", "ended_at", "charging_ended_at"), Gen.OneOf(Times).Select(Quoted)),
        Pair(Gen.OneOf(Names), Gen.OneOf(Texts).Select(Quoted)),
        Pair(Gen.OneOf("trigger_reason", "stopped_reason", "station_id", "evse_id"), Gen.OneOf("\\u0000", "\\ud800", "", "a").Select(Quoted)),
        Pair(Gen.OneOf("offline", "vendor"), Gen.OneOf(Others)));

    private static readonly Gen<(string Name, string Json)> Member = Gen.Frequency((3, Fitting), (1, Pair(Gen.OneOf(Names), Value)));

    private static readonly Gen<string> Good = Gen.Select(Gen.OneOf("started", "updated", "ended", "completed"), Gen.Int[0, 3], (type, bits) =>
        $"{{\"type\":\"{type}\",\"session_id\":\"s\",\"timestamp\":\"2026-01-05T10:00:00Z\",\"meter_wh\":12.5,\"offline\":false"
        + ((bits & 1) == 0 || type == "completed" ? ",\"started_at\":\"2026-01-05T10:00:00Z\",\"ended_at\":\"2026-01-05T11:00:00Z\"" : "")
        + ((bits & 2) == 0 ? ",\"event_id\":\"e\",\"sequence_number\":1,\"charging_state\":\"Charging\"}" : "}"));

    /// <summary>As <see cref="Fitting"/>, for the older system's messages.</summary>
    private static readonly Gen<(string Name, string Json)> OlderMember = Gen.Frequency(
        (2, Pair(Gen.Const("energy_consumed"), Gen.OneOf(Numbers))),
        (3, Pair(Gen.OneOf("start_time", "end_time"), Gen.OneOf(Times).Select(Quoted))),
        (3, Pair(Gen.OneOf("charger_id", "phone_number", "email"), Gen.OneOf(Texts).Select(Quoted))),
        (2, Pair(Gen.OneOf(OlderNames), Value)));

    private static readonly Gen<string> OlderGood = Gen.Int[0, 3].Select(bits =>
        "{\"charger_id\":\"C1\",\"start_time\":\"2026-01-05 10:00:00\",\"end_time\":\"2026-01-05T11:00:00\",\"energy_consumed\":7.25"
        + ((bits & 1) == 0 ? ",\"charger_type\":\"DC\",\"duration_minutes\":60" : "")
        + ((bits & 2) == 0 ? ",\"phone_number\":\"+49 170 1234567\",\"email\":\"joe@example.org\"}" : "}"));

    /// <summary>A member is added in front (then one of the same name that follows counts) or at the back, or one is taken out.</summary>
    private static Gen<string> Edited(Gen<string> good, Gen<(string Name, string Json)> member) => Gen.Select(good, Gen.Select(Gen.Int[0, 4], member).Array[0, 3], (line, edits) =>
    {
        foreach ((int kind, (string name, string json)) in edits)
        {
            string added = $"\"{name}\":{json}";
            line = kind switch
            {
                0 => "{" + added + "," + line[1..],
                1 => line.Replace($"\"{name}\":", "\"other\":", StringComparison.Ordinal),
                _ => line[..^1] + "," + added + "}",
            };
        }

        return line;
    });

    public static readonly Gen<byte[]> Line = Gen.Select(
        Gen.Frequency((2, Edited(Good, Member)), (1, Edited(OlderGood, OlderMember))), Gen.Int[0, 90], Gen.Int[0, 1000], LineSpoiling.Apply);

    private static Gen<(string Name, string Json)> Pair(Gen<string> name, Gen<string> json) => Gen.Select(name, json);

    private static string Quoted(string text) => "\"" + text + "\"";

    private static string Repeated(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
}
