using System.Text;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Cli.Pricing;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Json;

/// <summary>The corpus of texts that are at the bounds of what is read, and of what the fuzz has found: each is read alike in both ways, or refused by name.</summary>
public sealed class CorpusTests
{
    // What is read of a text of 10 MB may be held a few times, and no oftener.
    private const long BytesMax = 128L << 20;

    public static TheoryData<int> TariffLines => Lines(Corpus.Tariffs);

    public static TheoryData<int> CdrLines => Lines(Corpus.Cdrs);

    [Theory]
    [MemberData(nameof(TariffLines))]
    public void A_tariff_of_the_corpus_is_read_or_refused_as_it_says(int line)
    {
        var (says, text) = Corpus.Tariffs[line];
        Readings.OfTariff(text, null);
        Within(BytesMax, () => Assert.StartsWith(says, TariffReader.TryRead(text, null, out _, out var refusal) ? "read" : Shown(refusal), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(CdrLines))]
    public void A_cdr_of_the_corpus_is_read_or_refused_as_it_says(int line)
    {
        var (says, text) = Corpus.Cdrs[line];
        Readings.OfCdr(text, RatingOptions.Default);
        Within(BytesMax, () => Assert.StartsWith(says, CdrReader.TryRead(text, RatingOptions.Default, out _, out var refusal) ? "read" : Shown(refusal), StringComparison.Ordinal));
    }

    /// <summary>The same texts within a case: its answer is one line, short, and names the path.</summary>
    [Fact]
    public void A_case_with_a_text_of_the_corpus_is_answered_in_one_short_line_and_the_next_is_priced()
    {
        const string Cdr = """{"start_date_time":"2026-03-02T10:00:00Z","end_date_time":"2026-03-02T11:00:00Z"}""";
        const string Tariff = """{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":1}]}]}""";
        var worker = new CaseWorker(RatingOptions.Default, new RatingZones(), isRounded: false, new CaseCounts());
        foreach (var (says, text) in Corpus.Tariffs)
        {
            Check(says, """{"id":1,"tariff":""", text, $$""","cdr":{{Cdr}}}""", "/tariff");
        }
        foreach (var (says, text) in Corpus.Cdrs)
        {
            Check(says, $$"""{"id":1,"tariff":{{Tariff}},"cdr":""", text, "}", "/cdr");
        }

        void Check(string says, string before, byte[] text, string after, string path)
        {
            worker.Answers.ResetWrittenCount();
            worker.Answer((byte[])[.. Encoding.UTF8.GetBytes(before), .. text, .. Encoding.UTF8.GetBytes(after)]);
            Assert.InRange(worker.Answers.WrittenCount, 50, 2_000);
            using var answer = JsonDocument.Parse(worker.Answers.WrittenMemory);
            var error = answer.RootElement.GetProperty("error").GetString();
            Assert.Equal(says == "read" ? "ok" : "error", answer.RootElement.GetProperty("status").GetString());
            // What is no JSON at all is so as a line.
            Assert.True(error is null || error.StartsWith(path, StringComparison.Ordinal) || error.StartsWith("The line ", StringComparison.Ordinal), error);
            Assert.True(says[0] != '/' || error!.StartsWith(path + says.TrimEnd(), StringComparison.Ordinal), $"{says}\n{error}");
        }
    }

    [Theory]
    [InlineData("id", "/id: it is longer than 1,000 bytes; please give a shorter one.")]
    [InlineData("timezone", "/timezone: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is no time zone that is known")]
    [InlineData("ocpi_version", "/ocpi_version: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is none that is known")]
    public void A_text_of_10_MB_in_a_member_of_a_case_is_answered_in_one_short_line(string member, string says)
    {
        var worker = new CaseWorker(RatingOptions.Default, new RatingZones(), isRounded: false, new CaseCounts());
        worker.Answer(Encoding.UTF8.GetBytes(
            $$"""{"{{member}}":"{{new string('x', 10 << 20)}}","tariff":{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":1}]}]},"cdr":{"start_date_time":"2026-03-02T10:00:00Z","end_date_time":"2026-03-02T11:00:00Z"} }"""));
        using var answer = JsonDocument.Parse(worker.Answers.WrittenMemory);
        Assert.StartsWith(says, answer.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.InRange(worker.Answers.WrittenCount, 50, 1_000);
    }

    [Fact]
    public void Volumes_and_prices_that_are_as_large_as_they_may_be_are_priced_to_the_last_digit()
    {
        const string Most = "999999999.9999999999999999999";
        var periods = string.Join(',', Enumerable.Repeat($$"""{"start_date_time":"2026-03-02T10:00:00Z","dimensions":[{"type":"ENERGY","volume":{{Most}}},{"type":"TIME","volume":{{Most}}}]}""", 10));
        var worker = new CaseWorker(RatingOptions.Default, new RatingZones(), isRounded: false, new CaseCounts());
        worker.Answer(Encoding.UTF8.GetBytes(
            $$"""{"id":1,"tariff":{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":{{Most}},"vat":{{Most}}},{"type":"TIME","price":{{Most}}}]}]},"cdr":{"start_date_time":"2026-03-02T10:00:00Z","end_date_time":"2026-03-02T11:00:00Z","charging_periods":[{{periods}}]} }"""));
        using var answer = JsonDocument.Parse(worker.Answers.WrittenMemory);
        // 2 x 10 x (10^9 - 10^-19)^2.
        Assert.Equal("19999999999999999999.9999999960000000000000000000000000002", answer.RootElement.GetProperty("total").GetProperty("excl").GetString());
    }

    private static string Shown(TariffRefusal refusal) => refusal.Path.Length == 0 ? refusal.Message : $"{refusal.Path}: {refusal.Message}";

    private static void Within(long bytes, Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes);
    }

    private static TheoryData<int> Lines(IReadOnlyCollection<(string, byte[])> corpus) => [.. Enumerable.Range(0, corpus.Count)];
}
