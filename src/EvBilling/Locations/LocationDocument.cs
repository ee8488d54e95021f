using System.Runtime.InteropServices;
using System.Text.Json;

namespace EvBilling.Locations;

/// <summary>
/// Reads OCPI locations from the shapes they come in: one JSON object, a list, an OCPI response (<c>{"data": ...}</c>),
/// a page of a list (<c>{"content": [...]}</c>), JSON Lines of any of these.
/// </summary>
/// <remarks>
/// Members are those of OCPI 2.2.1, with 2.1.1's <c>tariff_id</c>, <c>voltage</c> and <c>amperage</c>, and the camel-case names under which the Dutch
/// access point's data is passed on. Beyond OCPI: <c>tariff_ids</c> of an EVSE and a location; <c>station_id</c> of an EVSE; and
/// <c>stations</c> of a location, [{id, tariff_ids, evses}], whose EVSEs may lie in it or in the location.
/// </remarks>
public static class LocationDocument
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Every location of the document, in its order. A location that cannot be used is an entry with an error;
    /// a document without any (empty, <c>[]</c>, <c>{"data": null}</c>) has no entries.
    /// </summary>
    /// <param name="utf8">The document; entries keep slices of it, so that it must not change afterwards.</param>
    /// <exception cref="LocationDocumentException">The text is not JSON.</exception>
    public static IReadOnlyList<LocationEntry> Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith(ByteOrderMark))
        {
            utf8 = utf8[ByteOrderMark.Length..];
        }
        var entries = new List<LocationEntry>();
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.StartArray)
                {
                    AddValue(ref reader, utf8, entries);
                    continue;
                }
                // Element by element, so that a list of any length costs the memory of its largest location.
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    AddValue(ref reader, utf8, entries);
                }
            }
        }
        catch (JsonException e)
        {
            throw new LocationDocumentException((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1, e);
        }
        return entries;
    }

    /// <summary>Reads the JSON of one location, as an entry of <see cref="Read"/> has it.</summary>
    public static LocationEntry ReadOne(ReadOnlyMemory<byte> json)
    {
        using var value = JsonDocument.Parse(json);
        return LocationReader.Read(value.RootElement, json);
    }

    private static void AddValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> document, List<LocationEntry> entries)
    {
        var start = (int)reader.TokenStartIndex;
        using var value = JsonDocument.ParseValue(ref reader);
        if (Payload(value.RootElement) is { } payload)
        {
            AddPayload(payload, entries);
        }
        else
        {
            entries.Add(LocationReader.Read(value.RootElement, document[start..(int)reader.BytesConsumed]));
        }
    }

    private static void AddPayload(JsonElement payload, List<LocationEntry> entries)
    {
        if (payload.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in payload.EnumerateArray())
            {
                Add(element, entries);
            }
        }
        else if (payload.ValueKind != JsonValueKind.Null)
        {
            Add(payload, entries);
        }
    }

    private static void Add(JsonElement element, List<LocationEntry> entries)
    {
        if (Payload(element) is { } payload)
        {
            AddPayload(payload, entries);
        }
        else
        {
            entries.Add(LocationReader.Read(element, JsonMarshal.GetRawUtf8Value(element).ToArray()));
        }
    }

    /// <summary>What an envelope carries; null if the value is none. A location has an id and is never an envelope.</summary>
    private static JsonElement? Payload(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        try
        {
            if (value.TryGetProperty("id"u8, out _))
            {
                return null;
            }
            if (value.TryGetProperty("data"u8, out var data))
            {
                return data;
            }
            return value.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Array ? content : null;
        }
        catch (InvalidOperationException)
        {
            // A member's name is not valid Unicode; the location reader meets the same and says so.
            return null;
        }
    }
}
