using System.Text.Json;
using System.Text.Unicode;

namespace EvBilling.Events;

/// <summary>
/// Reads a charging event from its JSON text (docs/charging-event.schema.json), or a message of the older system (docs/charging-event.md).
/// Allocates nothing but what the buffer grows by.
/// </summary>
public static class ChargingEventReader
{
    /// <summary>The largest event: 64 KiB.</summary>
    public const int MaxBytes = 65_536;

    internal const long MaxEnergyMwh = 999_999_999_999_000;

    // MaxDepth: an unknown member may be nested as deeply as MaxBytes allows.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxBytes };

    /// <summary>
    /// Reads the event that stands at <paramref name="line"/> in <paramref name="buffer"/>; unescaped texts are appended to the buffer.
    /// A member that stands several times: the last counts. Unknown members are ignored.
    /// </summary>
    /// <returns>The refusal, or <c>default</c>; then <paramref name="read"/> is a valid event.</returns>
    public static EventRefusal Read(EventBuffer buffer, TextSlice line, out ChargingEvent read)
    {
        read = default;
        var text = line.In(buffer.Bytes);
        var members = new EventMemberReader(buffer);
        return text.Length <= MaxBytes && PlainEventScanner.TryRead(text, line.Start, ref members, ref read)
            ? Judge(members, buffer, line, ref read)
            : ReadInFull(buffer, line, out read);
    }

    /// <summary>As <see cref="Read"/>, by the JSON reader alone.</summary>
    internal static EventRefusal ReadInFull(EventBuffer buffer, TextSlice line, out ChargingEvent read)
    {
        read = default;
        var text = line.In(buffer.Bytes);
        if (text.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return new(EventRefusalReason.Empty);
        }
        if (text.Length > MaxBytes)
        {
            return new(EventRefusalReason.TooLarge);
        }
        if (!Utf8.IsValid(text))
        {
            return new(EventRefusalReason.NotJson);
        }
        var members = new EventMemberReader(buffer);
        try
        {
            var reader = new Utf8JsonReader(text, Options);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return Ends(ref reader) ? new(EventRefusalReason.NotAnObject) : new(EventRefusalReason.NotJson);
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var member = reader.ValueIsEscaped ? FindEscaped(ref reader) : EventMemberNames.Find(reader.ValueSpan);
                reader.Read();
                if (member == EventMembers.None)
                {
                    reader.Skip();
                }
                else
                {
                    members.Read(member, EventValue.Take(ref reader, buffer, line.Start), ref read);
                }
            }
            if (!Ends(ref reader))
            {
                return new(EventRefusalReason.NotJson);
            }
        }
        catch (JsonException)
        {
            return new(EventRefusalReason.NotJson);
        }
        return Judge(members, buffer, line, ref read);
    }

    // Only the older system's messages have no type; they are read once more, so that all others cost nothing.
    private static EventRefusal Judge(in EventMemberReader members, EventBuffer buffer, TextSlice line, ref ChargingEvent read) =>
        members.HasType ? members.Judge(ref read) : OlderMessageReader.Read(buffer, line, out read);

    private static EventMembers FindEscaped(ref Utf8JsonReader reader)
    {
        try
        {
            return EventMemberNames.Find(reader.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no name of ours.
            return EventMembers.None;
        }
    }

    private static bool Ends(ref Utf8JsonReader reader) => !reader.Read();
}
