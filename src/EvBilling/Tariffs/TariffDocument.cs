using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace EvBilling.Tariffs;

/// <summary>
/// Reads a document of tariffs: one JSON object, a list, an OCPI response (<c>{"data": {...} or [...], "status_code": ...}</c>), or JSON Lines of any of these.
/// What is wrong with one tariff refuses that one; the others are read.
/// </summary>
public static class TariffDocument
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads all tariffs of a document, in its order.</summary>
    /// <param name="utf8">UTF-8, with or without byte order mark. The entries' JSON are pieces of it.</param>
    /// <param name="version">The OCPI version they are written in; null = each as it looks, see <see cref="TariffReader.TryRead"/>.</param>
    /// <exception cref="TariffDocumentException">The document is empty, not UTF-8, or no JSON.</exception>
    public static IReadOnlyList<TariffEntry> Read(ReadOnlyMemory<byte> utf8, OcpiVersion? version = null)
    {
        if (utf8.Span.StartsWith(ByteOrderMark))
        {
            utf8 = utf8[ByteOrderMark.Length..];
        }
        CheckUtf8(utf8.Span);
        var values = new List<(ReadOnlyMemory<byte> Json, TariffRefusal? Refusal)>();
        try
        {
            ReadValues(utf8, 0, values);
        }
        catch (JsonException exception)
        {
            // A first line that is whole on its own makes it JSON Lines: then a broken line costs only itself.
            values.Clear();
            if (!TryReadLines(utf8, values))
            {
                throw NotJson(exception);
            }
        }
        if (values.Count == 0 && IsBlank(utf8.Span))
        {
            throw new TariffDocumentException("The document is empty; it should hold tariffs as JSON.", 1, 1);
        }
        return [.. values.Select((value, index) => TariffEntryReader.Read(index, value.Json, value.Refusal, version))];
    }

    /// <summary>Reads the JSON of one tariff, as an entry of <see cref="Read"/> has it.</summary>
    public static TariffEntry ReadOne(ReadOnlyMemory<byte> json) => TariffEntryReader.Read(0, json, null, null);

    private static void ReadValues(ReadOnlyMemory<byte> utf8, int start, List<(ReadOnlyMemory<byte> Json, TariffRefusal? Refusal)> values)
    {
        var reader = new Utf8JsonReader(utf8.Span[start..], new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            var begin = start + (int)reader.TokenStartIndex;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                ReadList(utf8, start, ref reader, values);
                continue;
            }
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            var value = utf8[begin..(start + (int)reader.BytesConsumed)];
            if (!isObject || !TryReadEnvelope(value, values))
            {
                values.Add((value, null));
            }
        }
    }

    private static void ReadList(
        ReadOnlyMemory<byte> utf8, int start, ref Utf8JsonReader reader, List<(ReadOnlyMemory<byte> Json, TariffRefusal? Refusal)> values)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var begin = start + (int)reader.TokenStartIndex;
            reader.Skip();
            values.Add((utf8[begin..(start + (int)reader.BytesConsumed)], null));
        }
    }

    /// <summary>An object with data or status_code and without elements is a response (OCPI 2.2.1 transport 4.1.7), not a tariff.</summary>
    private static bool TryReadEnvelope(ReadOnlyMemory<byte> value, List<(ReadOnlyMemory<byte> Json, TariffRefusal? Refusal)> values)
    {
        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        var (data, dataKind, hasStatus) = (ReadOnlyMemory<byte>.Empty, JsonTokenType.None, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsNamed(reader, "elements"u8))
            {
                return false;
            }
            var isData = IsNamed(reader, "data"u8);
            hasStatus |= IsNamed(reader, "status_code"u8);
            reader.Read();
            var (begin, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            if (isData)
            {
                (data, dataKind) = (value[begin..(int)reader.BytesConsumed], kind);
            }
        }
        switch (dataKind)
        {
            case JsonTokenType.StartArray:
                var list = new Utf8JsonReader(data.Span);
                list.Read();
                ReadList(data, 0, ref list, values);
                return true;
            case JsonTokenType.StartObject:
                values.Add((data, null));
                return true;
            default:
                if (hasStatus)
                {
                    values.Add((value, new TariffRefusal("/data", "The OCPI response carries no data; please fetch the tariffs again.")));
                }
                return hasStatus;
        }
    }

    // Nobody escapes these names, and an escape that is no Unicode makes the comparison throw.
    private static bool IsNamed(in Utf8JsonReader reader, ReadOnlySpan<byte> name) => !reader.ValueIsEscaped && reader.ValueTextEquals(name);

    private static bool TryReadLines(ReadOnlyMemory<byte> utf8, List<(ReadOnlyMemory<byte> Json, TariffRefusal? Refusal)> values)
    {
        var (start, lineNumber) = (0, 0);
        while (start < utf8.Length)
        {
            var length = utf8.Span[start..].IndexOf((byte)'\n');
            var line = length < 0 ? utf8[start..] : utf8.Slice(start, length);
            start += line.Length + 1;
            lineNumber++;
            if (IsBlank(line.Span))
            {
                continue;
            }
            var count = values.Count;
            try
            {
                ReadValues(line, 0, values);
            }
            catch (JsonException exception)
            {
                if (count == 0)
                {
                    return false;
                }
                values.RemoveRange(count, values.Count - count);
                var at = (exception.BytePositionInLine ?? 0) + 1;
                values.Add((line, new TariffRefusal("", $"Line {lineNumber} is no JSON from its byte {at} on; please mend that line.")));
            }
        }
        return true;
    }

    private static void CheckUtf8(ReadOnlySpan<byte> utf8)
    {
        if (Utf8.IsValid(utf8))
        {
            return;
        }
        var (line, lineStart, position) = (1L, 0, 0);
        while (Rune.DecodeFromUtf8(utf8[position..], out var rune, out var length) == System.Buffers.OperationStatus.Done)
        {
            position += length;
            if (rune.Value == '\n')
            {
                line++;
                lineStart = position;
            }
        }
        var at = position - lineStart + 1;
        throw new TariffDocumentException($"Line {line}, byte {at} is not UTF-8; please save the document as UTF-8.", line, at);
    }

    private static TariffDocumentException NotJson(JsonException exception)
    {
        var (line, at) = ((exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1);
        return new TariffDocumentException($"The document is no JSON from line {line}, byte {at} on; please mend it there.", line, at);
    }

    private static bool IsBlank(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n"u8).IsEmpty;
}
