using System.Text;

namespace EvBilling.Tests.Json;

/// <summary>Spoils a JSON text, or writes it in another way.</summary>
internal static class JsonMutation
{
    private static readonly byte[] Odd = [.. "\"\\{}[]:,.-+0123456789eE \t\r\n/*TZAz_"u8, 0x00, 0x01, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf4, 0xff];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-0.0", "1", "-1", "1.50", "0.100", "12.3456789", "999999999", "1000000000", "1000000001", "999999999.999999999", "123456789.1234567891", "0.333333333333",
        "0.33333333333333333333", "1e2", "1E-2", "01", "1.", ".5", "+1", "--1", "-", "1e", "NaN", "1234567890123456789012345678901234567890", "\"\"", "\"1.5\"", "\"x\"", "\"\\u0041\"", "\"\\ud800\"", "\"\\x\"",
        "\"\u00e9\u20ac\"", "\"EUR\"", "\"eur\"", "\"XXX\"", "\"ENERGY\"", "\"energy\"", "\"TIME\"", "\"FLAT\"", "\"PARKING_TIME\"", "\"RESERVATION_TIME\"", "\"MAX_POWER\"", "\"MIN_POWER\"", "\"MIN_CURRENT\"",
        "\"MAX_CURRENT\"", "\"ENERGY_EXPORT\"", "\"Energy2\"", "\"YES\"", "\"NO\"", "\"N/A\"", "\"MONDAY\"", "[]", "[ ]", "{}", "{ }", "[null]", "[{}]", "[\"SUNDAY\"]", "[\"MONDAY\",\"monday\"]", "[1,[2,{\"a\":[true]}]]",
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"b\":{\"a\":2}}", "{\"excl_vat\":1}", "{\"before_taxes\":2.50,\"after_taxes\":3}", "{\"country\":\"NLD\"}", "\"24:00\"", "\"9:00\"", "\"09:00\"", "\"09:60\"", "\"24:01\"",
        "\"2026-02-29\"", "\"2024-02-29\"", "\"2026-01-31\"", "\"2026-13-01\"", "\"2026-01-31T22:00:00Z\"", "\"2026-01-31T22:00:00\"", "\"2026-01-31T22:00:00.5Z\"", "\"2026-01-31T22:00:00.123456789Z\"",
        "\"2026-01-31T22:00:00.1234567890Z\"", "\"2026-01-31T22:00:00,5Z\"", "\"2026-01-31T22:00:00.Z\"", "\"2026-01-31T22:00:00+02:00\"", "\"2026-01-31T22:00:00-00:30\"", "\"2026-01-31T22:00:00-00:00\"",
        "\"2026-01-31T22:00:00+14:59\"", "\"2026-01-31T22:00:00+19:00\"", "\"2026-01-31T24:00:00Z\"", "\"2026-01-31T23:59:60Z\"", "\"2026-02-30T00:00:00Z\"", "\"2026-01-31t22:00:00z\"", "\"2026-01-31 22:00:00Z\"",
        "\"1899-12-31T23:59:59Z\"", "\"1901-01-01T00:00:00Z\"", "\"2148-12-31T23:59:59Z\"", "\"2199-01-01T00:00:00Z\"", "\"2026-01-31T22:00Z\"", "\"2026-01-31T22:00:00+0200\"", "\"RESERVATION\"", "\"RESERVATION_EXPIRES\"",
    ];

    private static readonly string[] Names =
    [
        "id", "type", "price", "vat", "step_size", "currency", "elements", "restrictions", "price_components", "min_price", "max_price", "excl_vat", "before_taxes", "tax_included", "country_code", "party_id",
        "start_date_time", "end_date_time", "stop_date_time", "last_updated", "start_time", "end_time", "start_date", "end_date", "min_kwh", "max_kwh", "min_power", "max_current", "min_duration", "day_of_week",
        "reservation", "charging_periods", "dimensions", "volume", "tariff_id", "credit", "cdr_location", "location", "country", "", "a", "eight_by", "a_name_of_sixteen", "a_name_that_is_longer_than_thirty_two_bytes",
        "typ\\u0065", "\u00e9",
    ];

    public static byte[] Apply(byte[] text, Random random)
    {
        var spoilt = new List<byte>(text);
        for (var times = random.Next(1, 4); times > 0 && spoilt.Count > 1; times--)
        {
            Spoil(spoilt, random);
        }
        return [.. spoilt];
    }

    private static void Spoil(List<byte> text, Random random)
    {
        var at = random.Next(text.Count);
        switch (random.Next(14))
        {
            case 0:
                text[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                text[at] = Odd[random.Next(Odd.Length)];
                break;
            case 2:
                text.RemoveRange(at, Math.Min(random.Next(1, 12), text.Count - at));
                break;
            case 3:
                text.Insert(at, Odd[random.Next(Odd.Length)]);
                break;
            case 4 when random.Next(4) == 0:
                text.RemoveRange(at, text.Count - at);
                break;
            case 5:
                text.InsertRange(random.Next(text.Count), text.GetRange(at, Math.Min(random.Next(1, 60), text.Count - at)));
                break;
            case 6:
                Behind(text, at, (byte)"{}[],:"[random.Next(6)], random.Next(2) == 0 ? " " : "\r\n\t ");
                break;
            case 7 or 8:
                Behind(text, at, (byte)'{', $"\"{Names[random.Next(Names.Length)]}\":{Values[random.Next(Values.Length)]},");
                break;
            case 9:
                Digit(text, at, random);
                break;
            case 10:
                Rename(text, at, Names[random.Next(Names.Length)]);
                break;
            default:
                Replace(text, at, Values[random.Next(Values.Length)]);
                break;
        }
    }

    private static void Behind(List<byte> text, int from, byte sign, string inserted)
    {
        var at = text.IndexOf(sign, from);
        if (at >= 0)
        {
            text.InsertRange(at + 1, Encoding.UTF8.GetBytes(inserted));
        }
    }

    // The value after the next colon, or what looks like one.
    private static void Replace(List<byte> text, int from, string value)
    {
        var colon = text.IndexOf((byte)':', from);
        var end = colon < 0 ? -1 : text.FindIndex(colon + 1, one => one is (byte)',' or (byte)'}' or (byte)']');
        if (end > colon)
        {
            text.RemoveRange(colon + 1, end - colon - 1);
            text.InsertRange(colon + 1, Encoding.UTF8.GetBytes(value));
        }
    }

    private static void Rename(List<byte> text, int from, string name)
    {
        var colon = text.FindIndex(from, one => one == ':');
        var open = colon < 2 ? -1 : text.LastIndexOf((byte)'"', colon - 2);
        if (open >= 0)
        {
            text.RemoveRange(open + 1, colon - open - 2);
            text.InsertRange(open + 1, Encoding.UTF8.GetBytes(name));
        }
    }

    private static void Digit(List<byte> text, int from, Random random)
    {
        var digit = text.FindIndex(from, one => one is >= (byte)'0' and <= (byte)'9');
        if (digit >= 0)
        {
            text[digit] = (byte)('0' + random.Next(10));
        }
    }
}
