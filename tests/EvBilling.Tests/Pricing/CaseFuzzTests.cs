using System.Text;
using System.Text.Json;
using EvBilling.Cli.Pricing;
using EvBilling.Rating;

namespace EvBilling.Tests.Pricing;

/// <summary>Cases that are spoilt at random: each is answered by one line, a price or a named error.</summary>
public sealed class CaseFuzzTests
{
    private const int Inputs = 60_000;
    private const int InputsLong = 10_000_000;
    private const int LengthMax = 8_192;

    private static readonly string[] Seeds =
    [
        """{"id":"a","timezone":"Europe/Berlin","ocpi_version":"2.2.1","tariff":{"id":"T","currency":"EUR","min_price":{"excl_vat":2},"max_price":{"excl_vat":20,"incl_vat":24.2},"elements":[{"price_components":[{"type":"ENERGY","price":0.305,"vat":21,"step_size":100},{"type":"FLAT","price":1,"vat":9,"step_size":1}],"restrictions":{"start_time":"22:00","end_time":"06:30","day_of_week":["MONDAY","SUNDAY"],"min_kwh":1.5,"max_duration":7200}},{"price_components":[{"type":"TIME","price":"2","vat":21,"step_size":60},{"type":"PARKING_TIME","price":5e0,"step_size":300}],"restrictions":{"min_power":11,"max_current":32}},{"price_components":[{"type":"ENERGY","price":0.2}]}],"last_updated":"2026-01-01T00:00:00Z"},"cdr":{"id":"C","start_date_time":"2026-03-28T22:00:00Z","end_date_time":"2026-03-29T06:00:00Z","currency":"EUR","charging_periods":[{"start_date_time":"2026-03-28T22:00:00Z","dimensions":[{"type":"ENERGY","volume":10.01},{"type":"TIME","volume":3.5},{"type":"MAX_POWER","volume":11}]},{"start_date_time":"2026-03-29T01:30:00Z","dimensions":[{"type":"PARKING_TIME","volume":4.5}]}],"credit":false}}""",
        """{"id":7,"timezone":"UTC","ocpi_version":"2.3.0","tariffs":[{"id":"A","currency":"JPY","tax_included":"YES","elements":[{"price_components":[{"type":"ENERGY","price":30,"vat":10,"step_size":1}],"restrictions":{"reservation":"RESERVATION"}}],"start_date_time":"2020-01-01T00:00:00Z"},{"id":"B","currency":"JPY","tax_included":"YES","elements":[{"price_components":[{"type":"TIME","price":600,"vat":10,"step_size":60}]}]}],"reservation_expired":true,"cdr":{"start_date_time":"2026-03-02T10:00:00Z","end_date_time":"2026-03-02T11:00:00Z","charging_periods":[{"start_date_time":"2026-03-02T10:00:00+02:00","tariff_id":"B","dimensions":[{"type":"TIME","volume":0.3333},{"type":"RESERVATION_TIME","volume":0.25}]}]}}""",
    ];

    private static readonly string[] Pieces =
    [
        "null", "true", "-1", "0", "1e400", "1e-400", "-0.0", "9999999999999999999999999999", "0.00000000000000000000000000001", "NaN", "\"\"", "\"24:00\"", "\"00:00\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"a\":", ",", ":", "\"", "}", "]", "\uFEFF", "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"", "\"2026-03-29T02:30:00\"",
        "\"1700-01-01T00:00:00Z\"", "\"1900-01-01T00:00:00Z\"", "\"2149-12-31T23:59:59Z\"", "\"2199-01-01T00:00:00Z\"",
    ];

    [Fact]
    public void Every_spoilt_case_is_answered_by_a_price_or_a_named_error()
    {
        var isLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";
        var (seed, count) = (Environment.TickCount, isLong ? InputsLong : Inputs);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {count} inputs");
        var threads = Environment.ProcessorCount;
        Parallel.For(0, threads, thread => Fuzz(seed + thread, count / threads));
    }

    private static void Fuzz(int seed, int count)
    {
        var random = new Random(seed);
        var counts = new CaseCounts();
        var worker = new CaseWorker(RatingOptions.Default, new RatingZones(), isRounded: (seed & 1) == 0, counts);
        var seeds = Array.ConvertAll(Seeds, Encoding.UTF8.GetBytes);
        for (var i = 0; i < count; i++)
        {
            var line = Spoilt(seeds[random.Next(seeds.Length)], random);
            worker.Answers.ResetWrittenCount();
            try
            {
                worker.Answer(line);
                var answer = JsonDocument.Parse(worker.Answers.WrittenMemory).RootElement;
                var isError = answer.GetProperty("status").GetString() == "error";
                Assert.Equal(isError, answer.GetProperty("error").GetString() is { Length: > 10 });
                Assert.Equal(isError, answer.GetProperty("total").ValueKind == JsonValueKind.Null);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, input {i}: {Encoding.UTF8.GetString(line)}\n{e}");
            }
        }
        // Some must still have a price, or nothing was tried beyond the JSON.
        Assert.InRange(counts.Cases - counts.Errors, count / 100, count);
        Assert.InRange(counts.Errors, count / 10, count);
    }

    private static byte[] Spoilt(byte[] seed, Random random)
    {
        var line = new List<byte>(seed);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(line.Count);
            switch (random.Next(7))
            {
                case 0:
                    line[at] = (byte)random.Next(256);
                    break;
                case 1:
                    line.RemoveRange(at, Math.Min(random.Next(1, 20), line.Count - at - 1));
                    break;
                case 2:
                    line.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 3:
                    Replace(line, at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 4:
                    line.InsertRange(random.Next(line.Count), line.GetRange(at, Math.Min(random.Next(1, 80), line.Count - at)));
                    break;
                case 5:
                    Digit(line, at, random);
                    break;
                default:
                    line[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return [.. line.Where(value => value != '\n').Take(LengthMax)];
    }

    // The value after the next colon.
    private static void Replace(List<byte> line, int at, byte[] value)
    {
        var colon = line.IndexOf((byte)':', at);
        if (colon < 0)
        {
            return;
        }
        var end = line.FindIndex(colon + 1, one => one is (byte)',' or (byte)'}' or (byte)']');
        if (end > colon)
        {
            line.RemoveRange(colon + 1, end - colon - 1);
            line.InsertRange(colon + 1, value);
        }
    }

    private static void Digit(List<byte> line, int at, Random random)
    {
        var digit = line.FindIndex(at, one => one is >= (byte)'0' and <= (byte)'9');
        if (digit >= 0)
        {
            line[digit] = (byte)('0' + random.Next(10));
        }
    }
}
