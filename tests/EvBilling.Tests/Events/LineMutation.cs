using System.Text;

namespace EvBilling.Tests.Events;

/// <summary>Spoils a line here and there; one in some stays valid JSON.</summary>
internal static class LineMutation
{
    private static readonly byte[] Odd =
        [.. "\"\\{}[]:,.-+0123456789eE \t\r\n/*'aztfnu"u8, 0x00, 0x01, 0x0b, 0x1f, 0x7f, 0x80, 0xc3, 0xa9, 0xed, 0xff];

    private static readonly string[] Values =
    [
        "01", "1.", ".5", "-0", "1e5", "-", "+1", "1.0005", "0", "-1", "12.5", "0.001", "1234567890123456789", "9223372036854775807", "99999999999999999999999", "999999999999.0001",
        "-12.75", "true", "false", "null", "[]", "{\"a\":[1,{}]}", "\"\"", "\"x\"", "\"\\u0041\"", "\"\\ud83d\"", "\"é\"", "\"2026-01-05T10:00:00.5+02:00\"", "\"completed\"", "\"Idle\"",
        "\"1234567890123456789012345678901234567890123456789012345678901234\"", "\"12345678901234567890123456789012345678901234567890123456789012345\"",
    ];

    private static readonly string[] Names =
    [
        "type", "event_id", "session_id", "sequence_number", "timestamp", "location_id", "connector_id", "charging_state", "trigger_reason", "stopped_reason", "offline", "meter_wh",
        "power_w", "current_a", "started_at", "ended_at", "charging_ended_at", "energy_wh", "charger_id", "email", "note", "typo", "time_stamp", "", "typ\\u0065",
    ];

    public static byte[] Apply(byte[] line, Random random)
    {
        var spoilt = new List<byte>(line);
        for (var times = random.Next(1, 4); times > 0 && spoilt.Count > 0; times--)
        {
            Spoil(spoilt, random);
        }
        return [.. spoilt];
    }

    private static void Spoil(List<byte> line, Random random)
    {
        var at = random.Next(line.Count);
        switch (random.Next(10))
        {
            case 0:
                line[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                line[at] = Odd[random.Next(Odd.Length)];
                break;
            case 2:
                line.RemoveRange(at, Math.Min(random.Next(1, 4), line.Count - at));
                break;
            case 3:
                line.Insert(at, Odd[random.Next(Odd.Length)]);
                break;
            case 4 when random.Next(4) == 0:
                line.RemoveRange(at, line.Count - at);
                break;
            case 5:
                Behind(line, (byte)',', at, random.Next(4) == 0 ? "," : " \t");
                break;
            case 6:
                Behind(line, (byte)':', at, " ");
                break;
            case 7:
                ReplaceValue(line, at, Values[random.Next(Values.Length)]);
                break;
            default:
                // A member more: a new one, or one that is there already.
                Behind(line, random.Next(8) == 0 ? (byte)'}' : (byte)'{', 0, $"\"{Names[random.Next(Names.Length)]}\":{Values[random.Next(Values.Length)]},");
                if (random.Next(2) == 0 && line[^1] == '}')
                {
                    line.InsertRange(line.Count - 1, Encoding.UTF8.GetBytes($",\"{Names[random.Next(Names.Length)]}\":{Values[random.Next(Values.Length)]}"));
                }
                break;
        }
    }

    private static void Behind(List<byte> line, byte sign, int from, string text)
    {
        var at = line.IndexOf(sign, from);
        if (at >= 0)
        {
            line.InsertRange(at + 1, Encoding.UTF8.GetBytes(text));
        }
    }

    private static void ReplaceValue(List<byte> line, int from, string value)
    {
        var colon = line.IndexOf((byte)':', from);
        var end = colon < 0 ? -1 : line.IndexOf((byte)',', colon);
        if (end > colon)
        {
            line.RemoveRange(colon + 1, end - colon - 1);
            line.InsertRange(colon + 1, Encoding.UTF8.GetBytes(value));
        }
    }
}
