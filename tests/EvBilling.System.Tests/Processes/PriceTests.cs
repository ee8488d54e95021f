using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>The real program: CDRs priced, one and many.</summary>
[Collection(nameof(Processes))]
public sealed class PriceTests(ITestOutputHelper output) : IDisposable
{
    private const string Tariff =
        """{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.305,"vat":21,"step_size":1}],"restrictions":{"start_time":"08:00"}},{"price_components":[{"type":"ENERGY","price":0.2,"vat":21,"step_size":1},{"type":"FLAT","price":1,"vat":21,"step_size":1}]}],"last_updated":"2026-01-01T00:00:00Z"}""";

    private const string Cdr =
        """{"id":"C","start_date_time":"2026-03-02T10:00:00Z","end_date_time":"2026-03-02T11:00:00Z","currency":"EUR","charging_periods":[{"start_date_time":"2026-03-02T10:00:00Z","dimensions":[{"type":"ENERGY","volume":10.01},{"type":"TIME","volume":1}]}]}""";

    private const string Good = $$"""{"id":"good","timezone":"Europe/Berlin","ocpi_version":"2.2.1","tariff":{{Tariff}},"cdr":{{Cdr}}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Bad => new()
    {
        { "not json", "The line is no JSON that can be read: " },
        { "[]", "The line is no JSON object" },
        { new string('[', 5_000), "The line is no JSON that can be read: " },
        { Good.Replace("0.305", "NaN", StringComparison.Ordinal), "The line is no JSON that can be read: " },
        { Good.Replace("\"cdr\"", "\"id\":1,\"cdr\"", StringComparison.Ordinal), "The line is no JSON that can be read: " },
        { Good.Replace("\"id\":\"good\"", "\"\\ud800\":1", StringComparison.Ordinal), "The line has a text that is not valid Unicode" },
        { """{"id":"x"}""", "/cdr: it is no object; please state the CDR." },
        { Good.Replace("\"tariff\":", "\"tarif\":", StringComparison.Ordinal), "/tariff: there is none" },
        { Good.Replace("0.305", "\"abc\"", StringComparison.Ordinal), "/tariff/elements/0/price_components/0/price: \"abc\" is not a number; please state it as one, such as 0.35." },
        { Good.Replace("0.305", new string('9', 400), StringComparison.Ordinal), "/tariff/elements/0/price_components/0/price: " },
        { Good.Replace("0.305", "1e10", StringComparison.Ordinal), "is beyond a thousand million" },
        { Good.Replace("0.305", "1e999999999", StringComparison.Ordinal), "/tariff/elements/0/price_components/0/price: " },
        { Good.Replace("\"EUR\",\"elements\"", "\"XYZ\",\"elements\"", StringComparison.Ordinal), "/tariff/currency: " },
        { Good.Replace("\"volume\":1}", "\"volume\":-1}", StringComparison.Ordinal), "/cdr/charging_periods/0/dimensions/1/volume: -1 is a negative time" },
        { Good.Replace("\"TIME\"", "7", StringComparison.Ordinal), "/cdr/charging_periods/0/dimensions/1/type: " },
        { Good.Replace("\"start_date_time\":\"2026-03-02T10:00:00Z\",\"end", "\"start_date_time\":\"soon\",\"end", StringComparison.Ordinal), "/cdr/start_date_time: \"soon\" is not a date and time" },
        { Good.Replace("\"start_date_time\":\"2026-03-02T10:00:00Z\",\"end", "\"start_date_time\":\"1700-03-02T10:00:00Z\",\"end", StringComparison.Ordinal), "is too far away to be billed" },
        { Good.Replace("Europe/Berlin", "Mars/Base", StringComparison.Ordinal), "/timezone: \"Mars/Base\" is no time zone" },
        { Good.Replace("\"timezone\":\"Europe/Berlin\",", "", StringComparison.Ordinal), "/timezone: it is missing" },
        { Good.Replace("\"2.2.1\"", "\"3.0\"", StringComparison.Ordinal), "/ocpi_version: \"3.0\"" },
        { Good.Replace($"\"tariff\":{Tariff}", $"\"tariffs\":[{Tariff},{Tariff.Replace("EUR", "GBP", StringComparison.Ordinal)}]", StringComparison.Ordinal), "GBP is not the currency of the first tariff" },
        { Good.Replace("\"cdr\":", "\"reservation_expired\":\"yes\",\"cdr\":", StringComparison.Ordinal), "/reservation_expired: " },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_case_that_cannot_be_priced_is_answered_with_the_reason_and_the_batch_goes_on(string line, string reason)
    {
        var answers = Answers(_folder.Write("cases.jsonl", $"{line}\n\n{Good}\n"));

        Assert.Equal(["error", "ok"], answers.Select(answer => answer.GetProperty("status").GetString()!));
        Assert.Contains(reason, answers[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, answers[0].GetProperty("total").ValueKind);
        Assert.Equal("good", answers[1].GetProperty("id").GetString());
    }

    [Fact]
    public void Bytes_that_are_no_text_and_a_line_without_end_cost_only_their_own_answers()
    {
        var path = _folder.File("cases.jsonl");
        using (var file = File.Create(path))
        {
            file.Write([0xEF, 0xBB, 0xBF]);
            file.Write(Encoding.UTF8.GetBytes(Good + "\r\n"));
            file.Write([.. Encoding.UTF8.GetBytes("{\"id\":\""), 0xFF, 0xFE, .. Encoding.UTF8.GetBytes("\"}\n")]);
            file.Write(Encoding.UTF8.GetBytes($"{{\"id\":\"{new string('x', 40 << 20)}\n"));
            file.Write(Encoding.UTF8.GetBytes(Good.Replace("good", "last", StringComparison.Ordinal)));
        }

        var answers = Answers(path);

        Assert.Equal(["ok", "error", "error", "ok"], answers.Select(answer => answer.GetProperty("status").GetString()!));
        Assert.StartsWith("The line is longer than 16 MiB", answers[2].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("last", answers[3].GetProperty("id").GetString());
    }

    [Fact]
    public void A_compressed_file_that_breaks_off_is_a_failure()
    {
        var whole = _folder.File("cases.jsonl.gz");
        using (var file = new StreamWriter(new GZipStream(File.Create(whole), CompressionLevel.Fastest)))
        {
            for (var i = 0; i < 5_000; i++)
            {
                file.Write(Good.Replace("\"good\"", $"{i}", StringComparison.Ordinal) + "\n");
            }
        }
        File.WriteAllBytes(_folder.File("part.gz"), File.ReadAllBytes(whole)[..^500]);

        var end = CliProcess.Run("price", "--cases", _folder.File("part.gz"));

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("The input can't be unpacked", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_may_come_from_a_pipe_that_has_a_name()
    {
        var end = CliProcess.Bash("$evbilling price --cases <(cat \"$1\")", _folder.Write("cases.jsonl", Good + "\n"));

        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.StartsWith("{\"id\":\"good\",\"status\":\"ok\"", Assert.Single(end.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_come_in_the_order_of_the_cases_also_of_a_compressed_file()
    {
        const int cases = 20_000;
        var path = _folder.File("cases.jsonl.gz");
        using (var file = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest)))
        {
            for (var i = 0; i < cases; i++)
            {
                file.Write((i % 7 == 3 ? Good.Replace("10.01", "\"much\"", StringComparison.Ordinal) : Good).Replace("\"good\"", $"{i}", StringComparison.Ordinal) + "\n");
            }
        }

        var end = CliProcess.Run("price", "--cases", path);

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("20,000 cases, 2,857 with an error.", end.Errors, StringComparison.Ordinal);
        var lines = end.Lines;
        Assert.Equal(cases, lines.Length);
        for (var i = 0; i < cases; i++)
        {
            Assert.StartsWith($"{{\"id\":{i},\"status\":\"{(i % 7 == 3 ? "error" : "ok")}\"", lines[i], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Amounts_are_exact_or_rounded_and_lines_add_up()
    {
        var path = _folder.Write("cases.jsonl", Good + "\n");

        var exact = Answers(path)[0];
        Assert.Equal("""{"excl":"4.05305","incl":"4.9041905"}""", exact.GetProperty("total").GetRawText());
        Assert.Equal("""{"excl":"3.05305","incl":"3.6941905"}""", exact.GetProperty("energy").GetRawText());
        Assert.Equal("""{"excl":"1","incl":"1.21"}""", exact.GetProperty("fixed").GetRawText());
        Assert.Equal(JsonValueKind.Null, exact.GetProperty("time").ValueKind);
        Assert.Equal("""{"energy_kwh":"10.01","time_s":"0","parking_s":"0"}""", exact.GetProperty("billed").GetRawText());
        Assert.Equal(["3.05305", "1"], exact.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("amount_excl_vat").GetString()!));

        var rounded = Answers(path, "--round")[0];
        Assert.Equal("""{"excl":"4.05","incl":"4.90"}""", rounded.GetProperty("total").GetRawText());
        Assert.Equal(["3.05", "1.00"], rounded.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("amount_excl_vat").GetString()!));

        var whole = Answers(path, "--reading", "element_choice=whole_element")[0];
        Assert.Equal("3.05305", whole.GetProperty("total").GetProperty("excl").GetString());
    }

    /// <summary>The examples of docs/rating.md.</summary>
    [Theory]
    [InlineData(
        """[{"price_components":[{"type":"ENERGY","price":0.5,"vat":21,"step_size":1}],"restrictions":{"start_time":"08:00","end_time":"20:00"}},{"price_components":[{"type":"ENERGY","price":0.3,"vat":21,"step_size":1000}]}]""",
        "0", "19:00 ENERGY 7.4, 20:00 ENERGY 3.15", "4.78", "5.78", "ENERGY 3.70, ENERGY 1.08")]
    [InlineData(
        """[{"price_components":[{"type":"PARKING_TIME","price":6,"vat":0,"step_size":300}]},{"price_components":[{"type":"TIME","price":2,"vat":0,"step_size":60},{"type":"FLAT","price":1,"vat":0,"step_size":1}]}]""",
        "0", "19:00 TIME 0.49166666666666666667, 19:29:30 PARKING_TIME 0.2", "3.48", "3.48", "TIME 0.98, FLAT 1.00, PARKING_TIME 1.50")]
    [InlineData(
        """[{"price_components":[{"type":"ENERGY","price":0.3,"vat":21,"step_size":1}]}]""", "2", "19:00 ENERGY 4", "2.00", "2.42", "ENERGY 1.20, MIN_PRICE 0.80")]
    public void The_documented_examples_are_true(string elements, string minPrice, string periods, string excl, string incl, string lines)
    {
        var stated = string.Join(',', periods.Split(", ").Select(period => period.Split(' ')).Select(words =>
            $$"""{"start_date_time":"2026-03-02T{{(words[0].Length == 5 ? words[0] + ":00" : words[0])}}Z","dimensions":[{"type":"{{words[1]}}","volume":{{words[2]}}}]}"""));
        var line = $$"""{"timezone":"UTC","tariff":{"id":"T","currency":"EUR","min_price":{"excl_vat":{{minPrice}}},"elements":{{elements}}},"cdr":{"start_date_time":"2026-03-02T19:00:00Z","end_date_time":"2026-03-02T19:41:30Z","charging_periods":[{{stated}}] }""";

        var answer = Answers(_folder.Write("cases.jsonl", line + " }\n"), "--round")[0];

        Assert.Equal($$"""{"excl":"{{excl}}","incl":"{{incl}}"}""", answer.GetProperty("total").GetRawText());
        Assert.Equal(lines, string.Join(", ", answer.GetProperty("lines").EnumerateArray().Select(one => $"{one.GetProperty("dimension").GetString()} {one.GetProperty("amount_excl_vat").GetString()}")));
    }

    [Fact]
    public void A_price_of_28_decimals_is_exact_also_for_thirds_of_an_hour()
    {
        var line = Good.Replace("\"type\":\"ENERGY\",\"price\":0.2,", "\"type\":\"TIME\",\"price\":0.0000000000000000000000000003,", StringComparison.Ordinal)
            .Replace("11:00:00Z", "10:20:00Z", StringComparison.Ordinal).Replace("\"volume\":1}", "\"volume\":0.3333}", StringComparison.Ordinal);

        var total = Answers(_folder.Write("cases.jsonl", line + "\n"))[0].GetProperty("total").GetProperty("excl").GetString();

        Assert.Equal("4.0530500000000000000000000001", total);
    }

    [Fact]
    public void One_CDR_is_priced_from_files_and_explained()
    {
        var (cdr, tariff) = (_folder.Write("cdr.json", Cdr), _folder.Write("tariff.json", $$"""{"data":[{{Tariff}}],"status_code":1000}"""));

        var priced = CliProcess.Run("price", "--cdr", cdr, "--tariff", tariff, "--timezone", "Europe/Berlin");
        Assert.True(priced.ExitCode == 0, priced.ToString());
        Assert.Equal("C", JsonDocument.Parse(priced.Output).RootElement.GetProperty("id").GetString());

        var explained = CliProcess.Run("price", "--cdr", cdr, "--tariff", tariff, "--timezone", "Europe/Berlin", "--explain");
        Assert.True(explained.ExitCode == 0, explained.ToString());
        foreach (var text in new[] { "CDR C", "4.90 EUR", "10.01 kWh x 0.305 EUR per kWh = 3.05305 EUR -> 3.05 EUR", "start_time \"08:00\"", "Element 2, component 1", "local 2026-03-02 11:00:00 (+01)" })
        {
            Assert.Contains(text, explained.Output, StringComparison.Ordinal);
        }
        Assert.All(explained.Lines, line => Assert.InRange(line.Length, 0, 80));

        var carried = _folder.Write("carried.json", Cdr.Replace("\"currency\"", $"\"tariffs\":[{Tariff}],\"currency\"", StringComparison.Ordinal));
        Assert.Contains("\"4.05305\"", CliProcess.Run("price", "--cdr", carried, "--timezone", "Europe/Berlin").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("price", "--cases FILE, or --cdr FILE")]
    [InlineData("price --cases {}/none", "there is no such file")]
    [InlineData("price --cases {}", "is a folder")]
    [InlineData("price --cases {}/cdr.json --timezone Europe/Berlin", "--timezone goes without --cases")]
    [InlineData("price --cases {}/cdr.json --explain", "--explain goes without --cases")]
    [InlineData("price --cases {}/cdr.json --reading step=1", "There is no reading step")]
    [InlineData("price --cdr {}/none --tariff {}/tariff.json", "there is no such file")]
    [InlineData("price --cdr {}/cdr.json", "/tariff: there is none")]
    [InlineData("price --cdr {}/cdr.json --tariff {}/tariff.json", "/timezone: it is missing")]
    [InlineData("price --cdr {}/cdr.json --tariff {}/text", "no JSON")]
    [InlineData("price --cdr {}/text --tariff {}/tariff.json", "no JSON")]
    [InlineData("price --cdr /dev/zero --tariff {}/tariff.json", "/dev/zero is longer than 16 MiB")]
    [InlineData("generate", "--cases")]
    [InlineData("generate --cases {}/none", "there is no such file")]
    [InlineData("bench", "Required argument missing")]
    [InlineData("bench {}/none", "there is no such file")]
    [InlineData("bench {}/text", "no JSON")]
    [InlineData("bench {}/cdr.json", "/tariff: it is no object")]
    public void Wrong_use_is_exit_code_2_and_a_sentence(string line, string says)
    {
        _folder.Write("cdr.json", Cdr);
        _folder.Write("tariff.json", Tariff);
        _folder.Write("text", "hello");

        var end = CliProcess.Run(line.Replace("{}", _folder.Path, StringComparison.Ordinal).Split(' '));

        Assert.True(end.ExitCode == 2, end.ToString());
        Assert.Empty(end.Output);
        Assert.Contains(says, end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_a_wait_for_more_cases_after_what_came_was_answered()
    {
        // The pipe stays open, so that only the signal can end it; and a shell's background job would ignore that.
        var end = CliProcess.Bash(
            "cd \"$1\"; mkfifo in; env --default-signal=INT $evbilling price --cases - <in >out & exec 3>in; echo \"$2\" >&3; "
            + "until [[ -s out ]]; do sleep 0.05; done; kill -INT $!; wait $!; code=$?; cat out; exit $code",
            _folder.Path, Good);

        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("{\"id\":\"good\",\"status\":\"ok\"", Assert.Single(end.Lines), StringComparison.Ordinal);
        Assert.Contains("stopped after 1 case.", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_number_of_cases()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1", "Prices a million cases: ./test --long");
        var path = _folder.File("cases.jsonl.gz");
        using (var file = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest)))
        {
            for (var i = 0; i < 1_000_000; i++)
            {
                file.Write(Good + "\n");
            }
        }

        var end = CliProcess.Bash($"exec $evbilling price --cases '{path}' > /dev/null");

        output.WriteLine($"peak {end.PeakRssBytes >> 20} MiB\n{end.Errors}");
        Assert.True(end.ExitCode == 0, end.ToString());
        Assert.Contains("1,000,000 cases.", end.Errors, StringComparison.Ordinal);
        Assert.InRange(end.PeakRssBytes, 1, 300L << 20);
    }

    [Fact]
    public void What_is_generated_is_priced_to_the_total_that_it_states()
    {
        var request = $$"""{"id":"G","timezone":"Europe/Berlin","tariff":{{Tariff}},"config":{"start_date_time":"2026-03-02T05:30:00Z","end_date_time":"2026-03-02T09:00:00Z","max_power_supply_kw":"11","requested_kwh":"30"} }""";
        var end = CliProcess.Run("generate", "--cases", _folder.Write("requests.jsonl", request + "\n{\"id\":\"bad\"}\n"));
        Assert.Equal((0, 2), (end.ExitCode, end.Lines.Length));
        Assert.Equal("""{"id":"bad","status":"error","error":"/tariff: it is no object; please state the tariff."}""", end.Lines[1]);
        var cdr = JsonDocument.Parse(end.Lines[0]).RootElement.GetProperty("cdr");
        Assert.Equal(["2026-03-02T05:30:00Z", "2026-03-02T07:00:00Z", "2026-03-02T08:13:38.182Z"], cdr.GetProperty("charging_periods").EnumerateArray().Select(period => period.GetProperty("start_date_time").GetString()!));

        // An answer is a case as it is.
        var priced = Answers(_folder.Write("cases.jsonl", end.Lines[0] + "\n"), "--round")[0];

        Assert.Equal(cdr.GetProperty("total_cost").GetProperty("incl_vat").GetDecimal(), decimal.Parse(priced.GetProperty("total").GetProperty("incl").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static JsonElement[] Answers(string path, params string[] more)
    {
        var end = CliProcess.Run(["price", "--cases", path, .. more]);
        Assert.True(end.ExitCode == 0, end.ToString());
        return [.. end.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
    }
}
