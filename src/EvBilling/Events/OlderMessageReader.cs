using System.Text.Json;

namespace EvBilling.Events;

/// <summary>
/// Reads what the older system sends: an object without <c>type</c> that has a <c>charger_id</c> (docs/charging-event.md). It becomes a
/// <see cref="ChargingEventType.Completed"/> event; its contact data stands beside it, outside <see cref="ChargingEvent.Members"/>.
/// </summary>
internal static class OlderMessageReader
{
    private const int ChargerIdCharactersMax = 64;
    private const int PhoneNumberCharactersMax = 64;
    private const int EmailCharactersMax = 254;

    // kWh to mWh: a power of ten.
    private const int EnergyScale = 6;

    private const EventMembers Required = EventMembers.ChargerId | EventMembers.StartTime | EventMembers.EndTime | EventMembers.EnergyConsumed;

    private const EventMembers Stated = EventMembers.Type | EventMembers.SessionId | EventMembers.EvseId | EventMembers.StartedAt | EventMembers.EndedAt
        | EventMembers.Energy;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = ChargingEventReader.MaxBytes };

    /// <summary>
    /// Reads the object without <c>type</c> that stands at <paramref name="line"/>; it is valid JSON. The session id, and what has to be unescaped, are appended
    /// to the buffer. A member that stands several times: the last counts. All but the older system's members are ignored.
    /// </summary>
    /// <returns>The refusal (<c>MissingMember:type</c> where it is no older message), or <c>default</c>; then <paramref name="read"/> is a valid event.</returns>
    public static EventRefusal Read(EventBuffer buffer, TextSlice line, out ChargingEvent read)
    {
        read = default;
        var state = new State { Buffer = buffer };
        var reader = new Utf8JsonReader(line.In(buffer.Bytes), Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = Find(ref reader);
            reader.Read();
            if (member == EventMembers.None)
            {
                reader.Skip();
                continue;
            }
            state.Present |= member;
            state.WrongType &= ~member;
            state.OutOfRange &= ~member;
            ReadMember(member, EventValue.Take(ref reader, buffer, line.Start), ref state, ref read);
        }
        if ((state.Present & EventMembers.ChargerId) == 0)
        {
            return new(EventRefusalReason.MissingMember, EventMembers.Type);
        }
        var missing = Required & ~state.Present;
        if ((missing | state.WrongType | state.OutOfRange) != EventMembers.None)
        {
            return EventRefusal.OfFirst(missing, state.WrongType, state.OutOfRange);
        }
        read.Type = ChargingEventType.Completed;
        read.SessionId = OlderSessionId.Append(buffer, read.EvseId, read.StartedAtNs);
        read.Members = Stated;
        return default;
    }

    private struct State
    {
        public EventBuffer Buffer;
        public EventMembers Present;
        public EventMembers WrongType;
        public EventMembers OutOfRange;
    }

    private static EventMembers Find(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.ValueTextEquals("charger_id"u8) ? EventMembers.ChargerId
                : reader.ValueTextEquals("start_time"u8) ? EventMembers.StartTime
                : reader.ValueTextEquals("end_time"u8) ? EventMembers.EndTime
                : reader.ValueTextEquals("energy_consumed"u8) ? EventMembers.EnergyConsumed
                : reader.ValueTextEquals("phone_number"u8) ? EventMembers.PhoneNumber
                : reader.ValueTextEquals("email"u8) ? EventMembers.Email
                : EventMembers.None;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no name of ours.
            return EventMembers.None;
        }
    }

    private static void ReadMember(EventMembers member, in EventValue value, ref State state, ref ChargingEvent read)
    {
        switch (member)
        {
            case EventMembers.ChargerId:
                read.EvseId = ReadText(member, value, ref state);
                state.OutOfRange |= EventText.IsInRange(read.EvseId.In(state.Buffer.Bytes), 1, ChargerIdCharactersMax) ? EventMembers.None : member;
                break;
            case EventMembers.StartTime:
                read.StartedAtNs = ReadTime(member, value, ref state);
                break;
            case EventMembers.EndTime:
                read.EndedAtNs = ReadTime(member, value, ref state);
                break;
            case EventMembers.EnergyConsumed:
                read.EnergyMwh = ReadEnergy(member, value, ref state);
                break;
            case EventMembers.PhoneNumber:
                read.PhoneNumber = ReadContact(member, value, ref state, PhoneNumberCharactersMax);
                break;
            case EventMembers.Email:
                read.Email = ReadContact(member, value, ref state, EmailCharactersMax);
                break;
        }
    }

    private static long ReadEnergy(EventMembers member, in EventValue value, ref State state)
    {
        if (value.Kind != EventValueKind.Number)
        {
            state.WrongType |= member;
            return 0;
        }
        var fits = JsonNumber.TryScaleWithin(value.Slice.In(state.Buffer.Bytes), EnergyScale, 0, ChargingEventReader.MaxEnergyMwh, out var mwh);
        state.OutOfRange |= fits ? EventMembers.None : member;
        return mwh;
    }

    private static long ReadTime(EventMembers member, in EventValue value, ref State state)
    {
        var text = ReadText(member, value, ref state);
        if (!OlderTime.TryParse(text.In(state.Buffer.Bytes), state.Buffer, out var unixNs, out var inRange))
        {
            // What is no Unicode text is no date-time either.
            state.WrongType |= member;
        }
        else if (!inRange)
        {
            state.OutOfRange |= member;
        }
        return unixNs;
    }

    // No bill depends on a contact: what the older system does not know (null, empty), and what was blanked in a dead letter that is put through again, is none.
    private static TextSlice ReadContact(EventMembers member, in EventValue value, ref State state, int charactersMax)
    {
        if (value.Kind == EventValueKind.Null)
        {
            return default;
        }
        var slice = ReadText(member, value, ref state);
        var text = slice.In(state.Buffer.Bytes);
        if (text.IndexOfAnyExcept(Redaction.Mask) < 0)
        {
            return default;
        }
        state.OutOfRange |= EventText.IsInRange(text, 1, charactersMax) ? EventMembers.None : member;
        return slice;
    }

    // Empty for what is no text (of the wrong type) or no Unicode (out of range).
    private static TextSlice ReadText(EventMembers member, in EventValue value, ref State state)
    {
        if (!value.IsString)
        {
            state.WrongType |= member;
            return default;
        }
        state.OutOfRange |= value.Kind == EventValueKind.NoText ? member : EventMembers.None;
        return value.Slice;
    }
}
