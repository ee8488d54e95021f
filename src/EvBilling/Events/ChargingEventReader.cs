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
    private const long MaxPowerMw = 999_999_999_999_000;
    private const long MaxCurrentMa = 999_999_999_000;

    private const EventMembers RequiredAlways = EventMembers.Type | EventMembers.SessionId;
    private const EventMembers RequiredOfCompleted = RequiredAlways | EventMembers.StartedAt | EventMembers.EndedAt;
    private const EventMembers RequiredOfOthers = RequiredAlways | EventMembers.Timestamp;

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
        var state = new State { Buffer = buffer, Start = line.Start };
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
                    ReadMember(ref reader, member, ref state, ref read);
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
        // Only the older system's messages have no type; they are read once more, so that all others cost nothing.
        return (state.Present & EventMembers.Type) == 0 ? OlderMessageReader.Read(buffer, line, out read) : Judge(state, ref read);
    }

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

    private struct State
    {
        public EventBuffer Buffer;
        public int Start;
        public EventMembers Present;
        public EventMembers WrongType;
        public EventMembers OutOfRange;
        public bool UnknownType;
    }

    private static EventRefusal Judge(in State state, ref ChargingEvent read)
    {
        if ((state.WrongType & EventMembers.Type) != 0)
        {
            return new(EventRefusalReason.WrongType, EventMembers.Type);
        }
        if (state.UnknownType)
        {
            return new(EventRefusalReason.UnknownType);
        }
        var required = read.Type == ChargingEventType.Completed ? RequiredOfCompleted : RequiredOfOthers;
        var missing = required & ~state.Present;
        if ((missing | state.WrongType | state.OutOfRange) != EventMembers.None)
        {
            return EventRefusal.OfFirst(missing, state.WrongType, state.OutOfRange);
        }
        read.Members = state.Present;
        return default;
    }

    private static void ReadMember(ref Utf8JsonReader reader, EventMembers member, ref State state, ref ChargingEvent read)
    {
        state.Present |= member;
        state.WrongType &= ~member;
        state.OutOfRange &= ~member;
        switch (member)
        {
            case EventMembers.Type:
                ReadType(ref reader, ref state, ref read);
                break;
            case EventMembers.SequenceNumber:
                read.SequenceNumber = ReadInteger(ref reader, ref state);
                break;
            case EventMembers.Timestamp:
                read.TimestampNs = ReadTime(ref reader, member, ref state);
                break;
            case EventMembers.StartedAt:
                read.StartedAtNs = ReadTime(ref reader, member, ref state);
                break;
            case EventMembers.EndedAt:
                read.EndedAtNs = ReadTime(ref reader, member, ref state);
                break;
            case EventMembers.ChargingEndedAt:
                read.ChargingEndedAtNs = ReadTime(ref reader, member, ref state);
                break;
            case EventMembers.Meter:
                read.MeterMwh = ReadNumber(ref reader, member, ref state, 0, MaxEnergyMwh);
                break;
            case EventMembers.Energy:
                read.EnergyMwh = ReadNumber(ref reader, member, ref state, 0, MaxEnergyMwh);
                break;
            case EventMembers.Power:
                read.PowerMw = ReadNumber(ref reader, member, ref state, -MaxPowerMw, MaxPowerMw);
                break;
            case EventMembers.Current:
                read.CurrentMa = ReadNumber(ref reader, member, ref state, -MaxCurrentMa, MaxCurrentMa);
                break;
            case EventMembers.Offline:
                read.Offline = reader.TokenType == JsonTokenType.True;
                Refuse(reader.TokenType is not (JsonTokenType.True or JsonTokenType.False), member, ref state.WrongType);
                reader.Skip();
                break;
            case EventMembers.ChargingState:
                ReadChargingState(ref reader, ref state, ref read);
                break;
            case EventMembers.SessionId:
                read.SessionId = ReadText(ref reader, member, ref state, 1, 64);
                break;
            case EventMembers.EventId:
                read.EventId = ReadText(ref reader, member, ref state, 1, 64);
                break;
            case EventMembers.LocationId:
                read.LocationId = ReadText(ref reader, member, ref state, 0, 64);
                break;
            case EventMembers.StationId:
                read.StationId = ReadText(ref reader, member, ref state, 0, 64);
                break;
            case EventMembers.EvseId:
                read.EvseId = ReadText(ref reader, member, ref state, 0, 64);
                break;
            case EventMembers.ConnectorId:
                read.ConnectorId = ReadText(ref reader, member, ref state, 0, 36);
                break;
            case EventMembers.TariffId:
                read.TariffId = ReadText(ref reader, member, ref state, 0, 64);
                break;
            case EventMembers.TokenId:
                read.TokenId = ReadText(ref reader, member, ref state, 0, 64);
                break;
            case EventMembers.TriggerReason:
                read.TriggerReason = ReadText(ref reader, member, ref state, 0, MaxBytes);
                break;
            case EventMembers.StoppedReason:
                read.StoppedReason = ReadText(ref reader, member, ref state, 0, MaxBytes);
                break;
        }
    }

    private static void Refuse(bool refused, EventMembers member, ref EventMembers among)
    {
        if (refused)
        {
            among |= member;
        }
    }

    private static void ReadType(ref Utf8JsonReader reader, ref State state, ref ChargingEvent read)
    {
        state.UnknownType = false;
        if (reader.TokenType != JsonTokenType.String)
        {
            state.WrongType |= EventMembers.Type;
            reader.Skip();
            return;
        }
        ReadOnlySpan<byte> text = Unescaped(ref reader, state.Buffer);
        if (text.SequenceEqual("updated"u8))
        {
            read.Type = ChargingEventType.Updated;
        }
        else if (text.SequenceEqual("started"u8))
        {
            read.Type = ChargingEventType.Started;
        }
        else if (text.SequenceEqual("ended"u8))
        {
            read.Type = ChargingEventType.Ended;
        }
        else if (text.SequenceEqual("completed"u8))
        {
            read.Type = ChargingEventType.Completed;
        }
        else
        {
            state.UnknownType = true;
        }
    }

    private static void ReadChargingState(ref Utf8JsonReader reader, ref State state, ref ChargingEvent read)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            state.WrongType |= EventMembers.ChargingState;
            reader.Skip();
            return;
        }
        ReadOnlySpan<byte> text = Unescaped(ref reader, state.Buffer);
        if (text.SequenceEqual("Charging"u8))
        {
            read.ChargingState = ChargingState.Charging;
        }
        else if (text.SequenceEqual("SuspendedEV"u8))
        {
            read.ChargingState = ChargingState.SuspendedEV;
        }
        else if (text.SequenceEqual("EVConnected"u8))
        {
            read.ChargingState = ChargingState.EVConnected;
        }
        else if (text.SequenceEqual("SuspendedEVSE"u8))
        {
            read.ChargingState = ChargingState.SuspendedEVSE;
        }
        else if (text.SequenceEqual("Idle"u8))
        {
            read.ChargingState = ChargingState.Idle;
        }
        else
        {
            state.OutOfRange |= EventMembers.ChargingState;
        }
    }

    // What is no Unicode text comes back empty, and so is in no list.
    private static ReadOnlySpan<byte> Unescaped(ref Utf8JsonReader reader, EventBuffer buffer) =>
        !reader.ValueIsEscaped ? reader.ValueSpan : EventText.TryUnescape(ref reader, buffer, out var text) ? text.In(buffer.Bytes) : default;

    private static long ReadInteger(ref Utf8JsonReader reader, ref State state)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            state.WrongType |= EventMembers.SequenceNumber;
            reader.Skip();
            return 0;
        }
        var fits = JsonNumber.TryScale(reader.ValueSpan, 0, out var value, out var rounding);
        Refuse(fits && rounding != NumberRounding.Exact, EventMembers.SequenceNumber, ref state.WrongType);
        Refuse(!fits || value < 0, EventMembers.SequenceNumber, ref state.OutOfRange);
        return value;
    }

    private static long ReadNumber(ref Utf8JsonReader reader, EventMembers member, ref State state, long least, long most)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            state.WrongType |= member;
            reader.Skip();
            return 0;
        }
        Refuse(!JsonNumber.TryScaleWithin(reader.ValueSpan, 3, least, most, out var value), member, ref state.OutOfRange);
        return value;
    }

    private static long ReadTime(ref Utf8JsonReader reader, EventMembers member, ref State state)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            state.WrongType |= member;
            reader.Skip();
            return 0;
        }
        var text = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            if (!EventText.TryUnescape(ref reader, state.Buffer, out var unescaped))
            {
                state.WrongType |= member;
                return 0;
            }
            text = unescaped.In(state.Buffer.Bytes);
        }
        Refuse(!Rfc3339.TryParse(text, out var unixNs, out var inRange), member, ref state.WrongType);
        Refuse(!inRange, member, ref state.OutOfRange);
        return unixNs;
    }

    // An empty id says nothing, so that it is as if it were not there; where one is demanded, it is out of range.
    private static TextSlice ReadText(ref Utf8JsonReader reader, EventMembers member, ref State state, int least, int most)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            state.WrongType |= member;
            reader.Skip();
            return default;
        }
        if (!reader.ValueIsEscaped)
        {
            var span = reader.ValueSpan;
            if (span.IsEmpty && least == 0)
            {
                state.Present &= ~member;
            }
            Refuse(!EventText.IsInRange(span, least, most), member, ref state.OutOfRange);
            return new TextSlice(state.Start + (int)reader.TokenStartIndex + 1, span.Length);
        }
        if (!EventText.TryUnescape(ref reader, state.Buffer, out var text))
        {
            state.OutOfRange |= member;
            return default;
        }
        Refuse(!EventText.IsInRange(text.In(state.Buffer.Bytes), least, most), member, ref state.OutOfRange);
        return text;
    }
}
