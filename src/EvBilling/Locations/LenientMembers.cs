using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Locations;

/// <summary>
/// Reads members of JSON objects as publishers write them: null and empty texts for absent, numbers as strings and the reverse.
/// What cannot be understood counts as absent and is noted.
/// </summary>
internal sealed class LenientMembers
{
    private const NumberStyles NumberStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    private readonly ImmutableArray<LocationProblem>.Builder _findings = ImmutableArray.CreateBuilder<LocationProblem>();

    public ImmutableArray<LocationProblem> Findings => _findings.ToImmutable();

    public void Note(string path, string message) => _findings.Add(new LocationProblem(path, message));

    /// <summary>A text as it stands, or a number's digits.</summary>
    public string? Text(JsonElement parent, string path, string name) =>
        parent.TryGetProperty(name, out var value) ? AsText(value, path, name) : null;

    /// <summary>The first of the names that is stated: OCPI's own first, then older or common ones.</summary>
    public string? Text(JsonElement parent, string path, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(parent, path, name) is { } text)
            {
                return text;
            }
        }
        return null;
    }

    /// <summary>A value of an OCPI enumeration, which some write in lower case.</summary>
    public string? EnumValue(JsonElement parent, string path, string name) => Text(parent, path, name)?.Trim().ToUpperInvariant();

    /// <summary>A bound greater than 0; a fraction is rounded up, since a bound may not get tighter by reading it.</summary>
    public int? Bound(JsonElement parent, string path, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Text(parent, path, name) is not { } text)
            {
                continue;
            }
            if (decimal.TryParse(text, NumberStyle, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= int.MaxValue)
            {
                return (int)decimal.Ceiling(number);
            }
            Note($"{path}/{name}", $"'{text}' is no number greater than 0; taken as not stated.");
        }
        return null;
    }

    /// <summary>An instant; OCPI 2.1.1 allows it without a zone, which means UTC.</summary>
    public Instant? Time(JsonElement parent, string path, params ReadOnlySpan<string> names)
    {
        if (Text(parent, path, names) is not { } text)
        {
            return null;
        }
        var withOffset = OffsetDateTimePattern.ExtendedIso.Parse(text);
        if (withOffset.Success)
        {
            return withOffset.Value.ToInstant();
        }
        var withoutOffset = LocalDateTimePattern.ExtendedIso.Parse(text);
        if (withoutOffset.Success)
        {
            return withoutOffset.Value.InUtc().ToInstant();
        }
        Note($"{path}/{names[0]}", $"'{text}' is no RFC 3339 date-time; taken as not stated.");
        return null;
    }

    /// <summary>The ids of <c>tariff_ids</c> (a lone text will do), else OCPI 2.1.1's <c>tariff_id</c>.</summary>
    public ImmutableArray<string> TariffIds(JsonElement parent, string path)
    {
        if (parent.TryGetProperty("tariff_ids", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            var ids = ImmutableArray.CreateBuilder<string>(list.GetArrayLength());
            foreach (var element in list.EnumerateArray())
            {
                if (AsText(element, path, "tariff_ids") is { } id)
                {
                    ids.Add(id);
                }
            }
            if (ids.Count > 0)
            {
                return ids.ToImmutable();
            }
        }
        else if (Text(parent, path, "tariff_ids") is { } lone)
        {
            return [lone];
        }
        return Text(parent, path, "tariff_id") is { } single ? [single] : [];
    }

    /// <summary>The objects of a list, with the path of each; null and absent for an empty one.</summary>
    public IEnumerable<(JsonElement Element, string Path)> Objects(JsonElement parent, string path, string name)
    {
        if (!parent.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            yield break;
        }
        if (list.ValueKind != JsonValueKind.Array)
        {
            Note($"{path}/{name}", "This is no list; taken as empty.");
            yield break;
        }
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            var elementPath = string.Create(CultureInfo.InvariantCulture, $"{path}/{name}/{index++}");
            if (element.ValueKind == JsonValueKind.Object)
            {
                yield return (element, elementPath);
            }
            else
            {
                Note(elementPath, "This is no JSON object; left out.");
            }
        }
    }

    private string? AsText(JsonElement value, string path, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                var text = value.GetString();
                return string.IsNullOrWhiteSpace(text) ? null : text;
            case JsonValueKind.Number:
                return value.GetRawText();
            default:
                Note($"{path}/{name}", "This is neither a text nor a number; taken as not stated.");
                return null;
        }
    }
}
