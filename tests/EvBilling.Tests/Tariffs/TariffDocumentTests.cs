using System.Text;
using CsCheck;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Tests.Tariffs;

public sealed class TariffDocumentTests
{
    private static readonly string A = Tariff("A");
    private static readonly string B = Tariff("B");

    public static TheoryData<string, string> Shapes => new()
    {
        { A, "A" },
        { "\uFEFF" + A, "A" },
        { $"[{A},\n {B}]", "A B" },
        { "[]", "" },
        { $$"""{"status_code":1000,"data":{{A}},"timestamp":"2026-01-01T00:00:00Z"}""", "A" },
        { $$"""{"data":[{{A}},{{B}}],"status_code":1000}""", "A B" },
        { $$"""{"data":[]}""", "" },
        { A + "\n" + B + "\n", "A B" },
        { A + "\r\n\r\n" + B, "A B" },
        { $$"""{"data":[{{A}}]}""" + "\n" + $$"""{"data":[{{B}}]}""", "A B" },
        { $$"""{"data":"of a tariff","id":"C","currency":"EUR","elements":[{"price_components":[]}]}""", "C" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void An_object_a_list_an_ocpi_response_and_json_lines_are_documents(string document, string ids)
    {
        var entries = Read(document);
        Assert.Equal(ids, string.Join(' ', entries.Select(entry => entry.Tariff?.Id)));
        Assert.Equal(Enumerable.Range(0, entries.Count), entries.Select(entry => entry.Index));
    }

    [Fact]
    public void An_entry_keeps_the_tariffs_own_json_byte_for_byte()
    {
        var entries = Read($$"""{"status_code":1000, "data": [ {{A}} ,{{B}}]}""");
        Assert.Equal([A, B], entries.Select(entry => Encoding.UTF8.GetString(entry.Json.Span)));
    }

    [Fact]
    public void A_refused_tariff_is_still_known_by_what_can_be_read_of_it()
    {
        var entry = Assert.Single(Read("""
            {"id":"T","country_code":"NL","party_id":"ABC","currency":"EUR","last_updated":"2026-01-02T00:00:00Z",
             "start_date_time":"2026-01-03T00:00:00Z","end_date_time":"never"}
            """));
        Assert.Null(entry.Tariff);
        Assert.Equal("/elements", entry.Refusal?.Path);
        Assert.Equal(("T", "NL", "ABC"), (entry.Id, entry.CountryCode, entry.PartyId));
        Assert.Equal(Instant.FromUtc(2026, 1, 2, 0, 0), entry.LastUpdated);
        Assert.Equal(Instant.FromUtc(2026, 1, 3, 0, 0), entry.StartDateTime);
        Assert.Null(entry.EndDateTime);
    }

    [Fact]
    public void One_bad_tariff_costs_only_itself()
    {
        var entries = Read($"[{A},null,5,{{}},{B}]");
        Assert.Equal([true, false, false, false, true], entries.Select(entry => entry.Tariff is not null));
        Assert.Equal(["", "", "/id"], entries.Where(entry => entry.Refusal is not null).Select(entry => entry.Refusal!.Path));
    }

    [Fact]
    public void A_broken_line_of_json_lines_costs_only_itself()
    {
        var entries = Read($"{A}\n{{\"id\":\"X\",\n{B}\n");
        Assert.Equal(["A", null, "B"], entries.Select(entry => entry.Tariff?.Id));
        Assert.StartsWith("Line 2 is no JSON from its byte ", entries[1].Refusal?.Message);
        Assert.Equal("{\"id\":\"X\",", Encoding.UTF8.GetString(entries[1].Json.Span));
    }

    [Fact]
    public void A_response_without_data_is_refused_by_name()
    {
        var entry = Assert.Single(Read("""{"status_code":3000,"status_message":"down"}"""));
        Assert.Equal(new TariffRefusal("/data", "The OCPI response carries no data; please fetch the tariffs again."), entry.Refusal);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData(" \n ", 1, 1)]
    [InlineData("id;price\n1;2", 1, 1)]
    [InlineData("{\n  \"id\": oops\n}", 2, 9)]
    [InlineData("<xml/>", 1, 1)]
    public void What_is_no_json_is_refused_with_line_and_byte(string document, long line, long byteInLine)
    {
        var exception = Assert.Throws<TariffDocumentException>(() => Read(document));
        Assert.Equal((line, byteInLine), (exception.Line, exception.ByteInLine));
    }

    [Fact]
    public void What_is_not_utf8_is_refused_with_line_and_byte()
    {
        byte[] document = [.. "{\n \"é"u8, 0xE9, .. "\"}"u8];
        var exception = Assert.Throws<TariffDocumentException>(() => TariffDocument.Read(document));
        Assert.Equal((2, 5), (exception.Line, exception.ByteInLine));
        Assert.Throws<TariffDocumentException>(() => TariffDocument.Read(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(A)).ToArray()));
    }

    [Fact]
    public void A_name_that_is_no_unicode_is_refused_and_nothing_else_is_thrown()
    {
        var entry = Assert.Single(Read("""{"\ud800":1,"id":"T","currency":"EUR","elements":[{"price_components":[],"restrictions":{"\udc00":1}}]}"""));
        Assert.NotNull(entry.Refusal);
    }

    [Fact]
    public void Whatever_the_bytes_are_each_tariff_is_read_or_refused_and_only_a_document_exception_is_thrown()
    {
        var seeds = Shapes.Select(row => Encoding.UTF8.GetBytes(row.Data.Item1)).Append(Encoding.UTF8.GetBytes("""
            {"id":"T\u00e9","currency":"EUR","min_price":{"excl_vat":"1e2"},"tax_included":"no","last_updated":"2026-01-02T00:00:00Z","elements":[
             {"price_components":[{"type":"ENERGY","price":-1.5e-3,"vat":null,"step_size":"1"}],"restrictions":{"day_of_week":[],"max_kwh":2}}]}
            """)).ToArray();
        var pieces = new[] { "\"", "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "null", "0", "-", "e", ".", "\n", "\u00e9", "\"id\":", "9e99999", " " };
        var edit = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 4], Gen.OneOf(pieces));
        Gen.Select(Gen.Int[0, seeds.Length - 1], edit.Array[1, 4], Gen.Byte, Gen.Int[0, 20]).Sample((seed, edits, noise, noisy) =>
        {
            var bytes = seeds[seed].ToList();
            foreach (var (position, cut, piece) in edits)
            {
                var at = position % (bytes.Count + 1);
                bytes.RemoveRange(at, Math.Min(cut, bytes.Count - at));
                bytes.InsertRange(at, noisy == 0 ? [noise] : Encoding.UTF8.GetBytes(piece));
            }
            try
            {
                Assert.All(TariffDocument.Read(bytes.ToArray()), entry => Assert.True(entry.Tariff is null != entry.Refusal is null));
            }
            catch (TariffDocumentException exception)
            {
                Assert.True(exception.Line > 0 && exception.ByteInLine > 0);
            }
        }, iter: 20_000);
    }

    private static IReadOnlyList<TariffEntry> Read(string document) => TariffDocument.Read(Encoding.UTF8.GetBytes(document));

    private static string Tariff(string id) =>
        $$"""{"id":"{{id}}","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.25}],"restrictions":null}]}""";
}
