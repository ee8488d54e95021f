using System.Text.Json;

namespace EvBilling.Events;

/// <summary>What a member's value is.</summary>
internal enum EventValueKind : byte
{
    /// <summary>An object or an array.</summary>
    Other,

    Null,

    /// <summary>A string; the slice is its text without escapes.</summary>
    Text,

    /// <summary>A string of ASCII letters from U+0020 on: as many characters as bytes, none of them U+0000.</summary>
    PlainText,

    /// <summary>A string with half of a surrogate pair: no Unicode text. The slice is empty.</summary>
    NoText,

    /// <summary>The slice is a valid JSON number.</summary>
    Number,

    True,
    False,
}

/// <summary>A member's value, whichever way the JSON was read: its kind, and where its text stands in the event's buffer.</summary>
internal readonly struct EventValue(EventValueKind kind, int start, int length)
{
    public readonly EventValueKind Kind = kind;
    public readonly int Start = start;
    public readonly int Length = length;

    public TextSlice Slice => new(Start, Length);

    public bool IsString => Kind is EventValueKind.PlainText or EventValueKind.Text or EventValueKind.NoText;

    /// <summary>Takes the value that the reader stands at, and leaves the reader at its end. Unescaped text is appended to the buffer.</summary>
    /// <param name="start">Where in the buffer the reader's text starts.</param>
    public static EventValue Take(ref Utf8JsonReader reader, EventBuffer buffer, int start)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                return EventText.TryUnescape(ref reader, buffer, out var text) ? new(EventValueKind.Text, text.Start, text.Length) : new(EventValueKind.NoText, 0, 0);
            case JsonTokenType.String:
                return new(EventValueKind.Text, start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            case JsonTokenType.Number:
                return new(EventValueKind.Number, start + (int)reader.TokenStartIndex, reader.ValueSpan.Length);
            case JsonTokenType.True:
                return new(EventValueKind.True, 0, 0);
            case JsonTokenType.False:
                return new(EventValueKind.False, 0, 0);
            case JsonTokenType.Null:
                return new(EventValueKind.Null, 0, 0);
            default:
                reader.Skip();
                return default;
        }
    }
}
