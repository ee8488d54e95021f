using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using EvBilling.Cdrs;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Json;

/// <summary>Reads a text in the quick way, in the full way, and as callers do, and compares.</summary>
internal static class Readings
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether the text was read, and in the quick way.</summary>
    public readonly record struct Outcome(bool IsRead, bool IsQuick);

    /// <exception cref="DifferentReadingException">The ways differ.</exception>
    public static Outcome OfTariff(byte[] text, OcpiVersion? version)
    {
        var isQuick = QuickTariffReader.TryRead(text, version, out var quick);
        var isRead = TariffReader.TryRead(text, version, out var read, out var refusal);
        Tariff? full = null;
        TariffRefusal? fullRefusal = null;
        using (var document = Parsed(text))
        {
            _ = document is not null && TariffReader.TryRead(document.RootElement, version, out full, out fullRefusal);
        }
        Must(isRead == (full is not null && Utf8.IsValid(text)), "whether it is read", text);
        Must(!isQuick || (isRead && full!.Findings.IsEmpty && AreSame(quick!, full)), "the quick reading", text);
        Must(!isRead || AreSame(read!, full!), "the reading", text);
        Must(isRead || refusal is { Message.Length: > 10 }, "the refusal", text);
        Must(isRead || fullRefusal is null || !Utf8.IsValid(text) || fullRefusal == refusal, "the refusals", text);
        return new(isRead, isQuick);
    }

    /// <exception cref="DifferentReadingException">The ways differ.</exception>
    public static Outcome OfCdr(byte[] text, RatingOptions options)
    {
        var isQuick = QuickCdrReader.TryRead(text, out var quick);
        var isRead = CdrReader.TryRead(text, options, out var read, out var refusal);
        Cdr? full = null;
        TariffRefusal? fullRefusal = null;
        using (var document = Parsed(text))
        {
            _ = document is not null && CdrReader.TryRead(document.RootElement, options, out full, out fullRefusal);
        }
        Must(isRead == (full is not null && Utf8.IsValid(text)), "whether it is read", text);
        Must(!isQuick || (isRead && AreSame(quick!, full!)), "the quick reading", text);
        Must(!isRead || AreSame(read!, full!), "the reading", text);
        Must(isRead || refusal is { Message.Length: > 10 }, "the refusal", text);
        Must(isRead || fullRefusal is null || !Utf8.IsValid(text) || fullRefusal == refusal, "the refusals", text);
        return new(isRead, isQuick);
    }

    private static void Must(bool holds, string what, byte[] text)
    {
        if (!holds)
        {
            throw new DifferentReadingException($"The ways to read differ in {what}: {Encoding.Latin1.GetString(text)}");
        }
    }

    private static JsonDocument? Parsed(byte[] text)
    {
        try
        {
            return JsonDocument.Parse(text, Strict);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool AreSame(Tariff one, Tariff other)
    {
        if (one with { Elements = [], Findings = [] } != other with { Elements = [], Findings = [] } || one.Elements.Length != other.Elements.Length
            || !one.Findings.SequenceEqual(other.Findings) || !HaveSameScale(one.MinPrice, other.MinPrice) || !HaveSameScale(one.MaxPrice, other.MaxPrice))
        {
            return false;
        }
        for (var i = 0; i < one.Elements.Length; i++)
        {
            var (left, right) = (one.Elements[i], other.Elements[i]);
            if (left.Index != right.Index || !left.Restrictions.SequenceEqual(right.Restrictions) || left.Conditions != right.Conditions
                || !left.PriceComponents.SequenceEqual(right.PriceComponents)
                || !left.PriceComponents.Select(component => component.Price.Scale).SequenceEqual(right.PriceComponents.Select(component => component.Price.Scale))
                || !left.PriceComponents.Select(component => component.Vat?.Scale).SequenceEqual(right.PriceComponents.Select(component => component.Vat?.Scale)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool HaveSameScale(PriceLimit? one, PriceLimit? other) => one?.ExclVat?.Scale == other?.ExclVat?.Scale && one?.InclVat?.Scale == other?.InclVat?.Scale;

    private static bool AreSame(Cdr one, Cdr other) =>
        one.StartUnixNs == other.StartUnixNs && one.EndUnixNs == other.EndUnixNs && one.IsCredit == other.IsCredit && one.Currency == other.Currency
        && one.Country == other.Country && one.Flags == other.Flags && one.Wide is null == other.Wide is null && one.Periods.SequenceEqual(other.Periods)
        && one.MeasureArray.AsSpan().SequenceEqual(other.MeasureArray) && one.TariffIdArray.AsSpan().SequenceEqual(other.TariffIdArray);
}

/// <summary>Two ways to read a text do not agree.</summary>
internal sealed class DifferentReadingException(string message) : Exception(message);
