using System.Text;
using System.Text.Json;
using EvBilling.Cli.Pricing;
using EvBilling.Rating;

namespace EvBilling.Tests.Pricing.Rules;

/// <summary>
/// A case in short words, priced as `price --cases --reading` prices it. Elements: "ENERGY 0.5 vat 21 step 1000, TIME 2 | "start_time":"08:00" ; FLAT 1"; without
/// "vat" it is 0 %, with "novat" none is stated. Periods: "10:00 ENERGY 1 TIME 0.5 ; 10:30 ENERGY 2 tariff:B". Times are UTC, on Monday 2026-03-02 unless they have a date.
/// </summary>
internal sealed record Dispute(string Elements, string Periods)
{
    public string Start { get; init; } = "10:00";

    public string End { get; init; } = "12:00";

    public string TimeZone { get; init; } = "UTC";

    public string Version { get; init; } = "2.2.1";

    /// <summary>JSON members.</summary>
    public string TariffMembers { get; init; } = "";

    /// <inheritdoc cref="TariffMembers"/>
    public string CdrMembers { get; init; } = "";

    /// <summary>Tariffs as JSON, in place of the one of the elements.</summary>
    public string[]? Tariffs { get; init; }

    public bool IsReservationExpired { get; init; }

    public bool IsRounded { get; init; }

    /// <summary>"2 2.42 VatNotStated": excl., incl. where it is another ("-" = not known), flags.</summary>
    public string Total(string readings = "")
    {
        var answer = Answer(readings);
        if (answer.GetProperty("status").GetString() == "error")
        {
            return answer.GetProperty("error").GetString()!;
        }
        var (excl, incl) = (answer.GetProperty("total").GetProperty("excl").GetString()!, answer.GetProperty("total").GetProperty("incl").GetString() ?? "-");
        return string.Join(' ', new[] { excl }.Concat(incl == excl ? [] : [incl]).Concat(answer.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)));
    }

    /// <param name="readings">Apart by blanks.</param>
    public JsonElement Answer(string readings = "")
    {
        Assert.True(
            RatingReadings.TryTakeAll(RatingOptions.Default, readings.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var options, out var error), error);
        var worker = new CaseWorker(options, new RatingZones(), IsRounded, new CaseCounts());
        worker.Answer(Encoding.UTF8.GetBytes(Line()));
        using var document = JsonDocument.Parse(worker.Answers.WrittenMemory);
        return document.RootElement.Clone();
    }

    public static string Tariff(string id, string elements, string members = "") =>
        $$"""{"id":"{{id}}","currency":"EUR",{{(members.Length == 0 ? "" : members + ",")}}"elements":[{{string.Join(',', elements.Split(';').Select(Element))}}]}""";

    private string Line() => $$"""
        {"id":"x","timezone":"{{TimeZone}}","ocpi_version":"{{Version}}","tariffs":[{{string.Join(',', Tariffs ?? [Tariff("T", Elements, TariffMembers)])}}],"reservation_expired":{{(IsReservationExpired ? "true" : "false")}},
        "cdr":{"start_date_time":"{{Time(Start)}}","end_date_time":"{{Time(End)}}",{{(CdrMembers.Length == 0 ? "" : CdrMembers + ",")}}"charging_periods":[{{string.Join(',', Split(Periods, ';').Select(Period))}}] } }
        """;

    private static string Element(string text)
    {
        var parts = text.Split('|');
        var restrictions = parts.Length == 1 ? "" : $$""","restrictions":{{{parts[1]}}}""";
        return $$"""{"price_components":[{{string.Join(',', parts[0].Split(',').Select(Component))}}]{{restrictions}}}""";
    }

    private static string Component(string text)
    {
        var words = Split(text, ' ');
        string After(string word, string otherwise) => Array.IndexOf(words, word) is var at and >= 0 ? words[at + 1] : otherwise;
        var vat = words.Contains("novat") ? "" : $",\"vat\":{After("vat", "0")}";
        return $$"""{"type":"{{words[0]}}","price":{{words[1]}},"step_size":{{After("step", "0")}}{{vat}}}""";
    }

    private static string Period(string text)
    {
        var words = Split(text, ' ');
        var tariff = words[^1].StartsWith("tariff:", StringComparison.Ordinal) ? words[^1]["tariff:".Length..] : null;
        var volumes = words[1..(tariff is null ? words.Length : words.Length - 1)].Chunk(2).Select(pair => $$"""{"type":"{{pair[0]}}","volume":{{pair[1]}}}""");
        return $$"""{"start_date_time":"{{Time(words[0])}}","dimensions":[{{string.Join(',', volumes)}}]{{(tariff is null ? "" : $",\"tariff_id\":\"{tariff}\"")}}}""";
    }

    private static string Time(string text)
    {
        var time = text.Contains('T', StringComparison.Ordinal) ? text : $"2026-03-02T{text}";
        return (time.Count(character => character == ':') == 1 ? time + ":00" : time) + "Z";
    }

    private static string[] Split(string text, char separator) => text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
