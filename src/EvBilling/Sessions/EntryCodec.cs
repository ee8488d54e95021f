using EvBilling.Binary;
using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>What an entry's numbers are written relative to: the entry before it.</summary>
internal struct EntryContext
{
    public long TimeSeconds;
    public long SequenceNumber;
    public long MeterMwh;
    public long PowerMw;
    public long CurrentMa;
    public int LocationText;
    public int StationText;
    public int EvseText;
    public int ConnectorText;
    public int TariffText;
    public int TokenText;
    public int TriggerReasonText;
    public int StoppedReasonText;
}

/// <summary>
/// One event as an entry of the stored form. A mask (varint) says what follows; its numbers are frozen, since they stand in stored records.
/// </summary>
internal static class EntryCodec
{
    /// <summary>More than any entry takes.</summary>
    public const int MaxLength = 512;

    private const uint TypeMask = 3;
    private const uint SameTexts = 1 << 2;
    private const uint NextSequenceNumber = 1 << 3;
    private const uint Timestamp = 1 << 4;
    private const uint Meter = 1 << 5;
    private const uint State = 1 << 6;
    private const uint HasEventId = 1 << 7;
    private const uint Power = 1 << 8;
    private const uint Current = 1 << 9;
    private const uint TriggerReason = 1 << 10;
    private const uint OtherSequenceNumber = 1 << 11;
    private const uint OfflineStated = 1 << 12;
    private const uint OfflineTrue = 1 << 13;
    private const uint Fractions = 1 << 14;
    private const uint StoppedReason = 1 << 15;
    private const uint StartedAt = 1 << 16;
    private const uint EndedAt = 1 << 17;
    private const uint ChargingEndedAt = 1 << 18;
    private const uint Energy = 1 << 19;
    private const uint Conflicting = 1 << 20;
    private const uint Known = (Conflicting << 1) - 1;

    /// <summary>Writes an entry; the context becomes this entry's.</summary>
    /// <param name="eventId">The event's id, empty if it has none.</param>
    /// <param name="baseId">The record's base id.</param>
    /// <returns>The entry's length.</returns>
    public static int Write(ref EntryContext context, in SessionEvent e, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> baseId, Span<byte> to)
    {
        var sameTexts = context.LocationText == e.LocationText && context.StationText == e.StationText && context.EvseText == e.EvseText
            && context.ConnectorText == e.ConnectorText && context.TariffText == e.TariffText && context.TokenText == e.TokenText;
        var next = e.Has(EventMembers.SequenceNumber) && e.SequenceNumber - 1 == context.SequenceNumber;
        var fractions = ((e.TimestampNs % Rfc3339.NsPerSecond) | (e.StartedAtNs % Rfc3339.NsPerSecond)
            | (e.EndedAtNs % Rfc3339.NsPerSecond) | (e.ChargingEndedAtNs % Rfc3339.NsPerSecond)) != 0;
        var mask = (uint)e.Type
            | (sameTexts ? SameTexts : 0)
            | (next ? NextSequenceNumber : 0)
            | (e.Has(EventMembers.Timestamp) ? Timestamp : 0)
            | (e.Has(EventMembers.Meter) ? Meter : 0)
            | (e.Has(EventMembers.ChargingState) ? State : 0)
            | (e.Has(EventMembers.EventId) ? HasEventId : 0)
            | (e.Has(EventMembers.Power) ? Power : 0)
            | (e.Has(EventMembers.Current) ? Current : 0)
            | (e.Has(EventMembers.TriggerReason) ? TriggerReason : 0)
            | (e.Has(EventMembers.SequenceNumber) && !next ? OtherSequenceNumber : 0)
            | (e.Has(EventMembers.Offline) ? OfflineStated : 0)
            | (e.Has(EventMembers.Offline) && e.Offline ? OfflineTrue : 0)
            | (fractions ? Fractions : 0)
            | (e.Has(EventMembers.StoppedReason) ? StoppedReason : 0)
            | (e.Has(EventMembers.StartedAt) ? StartedAt : 0)
            | (e.Has(EventMembers.EndedAt) ? EndedAt : 0)
            | (e.Has(EventMembers.ChargingEndedAt) ? ChargingEndedAt : 0)
            | (e.Has(EventMembers.Energy) ? Energy : 0)
            | (e.IsConflicting ? Conflicting : 0);
        var at = 0;
        Varint.Write(to, ref at, mask);
        WriteTime(ref context, (mask & Timestamp) != 0, fractions, e.TimestampNs, to, ref at);
        if (!sameTexts)
        {
            Varint.Write(to, ref at, (uint)e.LocationText);
            Varint.Write(to, ref at, (uint)e.StationText);
            Varint.Write(to, ref at, (uint)e.EvseText);
            Varint.Write(to, ref at, (uint)e.ConnectorText);
            Varint.Write(to, ref at, (uint)e.TariffText);
            Varint.Write(to, ref at, (uint)e.TokenText);
            (context.LocationText, context.StationText, context.EvseText) = (e.LocationText, e.StationText, e.EvseText);
            (context.ConnectorText, context.TariffText, context.TokenText) = (e.ConnectorText, e.TariffText, e.TokenText);
        }
        if (e.Has(EventMembers.SequenceNumber))
        {
            if (!next)
            {
                Varint.Write(to, ref at, (ulong)e.SequenceNumber);
            }
            context.SequenceNumber = e.SequenceNumber;
        }
        WriteScaled(ref context.MeterMwh, (mask & Meter) != 0, e.MeterMwh, to, ref at);
        if ((mask & State) != 0)
        {
            to[at++] = (byte)e.ChargingState;
        }
        if ((mask & HasEventId) != 0)
        {
            WriteEventId(eventId, baseId, to, ref at);
        }
        WriteScaled(ref context.PowerMw, (mask & Power) != 0, e.PowerMw, to, ref at);
        WriteScaled(ref context.CurrentMa, (mask & Current) != 0, e.CurrentMa, to, ref at);
        if ((mask & TriggerReason) != 0)
        {
            Varint.Write(to, ref at, (uint)e.TriggerReasonText);
            context.TriggerReasonText = e.TriggerReasonText;
        }
        if ((mask & StoppedReason) != 0)
        {
            Varint.Write(to, ref at, (uint)e.StoppedReasonText);
            context.StoppedReasonText = e.StoppedReasonText;
        }
        WriteTime(ref context, (mask & StartedAt) != 0, fractions, e.StartedAtNs, to, ref at);
        WriteTime(ref context, (mask & EndedAt) != 0, fractions, e.EndedAtNs, to, ref at);
        WriteTime(ref context, (mask & ChargingEndedAt) != 0, fractions, e.ChargingEndedAtNs, to, ref at);
        if ((mask & Energy) != 0)
        {
            Varint.Write(to, ref at, (ulong)e.EnergyMwh);
        }
        return at;
    }

    /// <summary>Reads the entry at <paramref name="at"/>; the context becomes this entry's.</summary>
    /// <exception cref="FormatException">The bytes are no entry of this version.</exception>
    public static void Read(ref EntryContext context, ReadOnlySpan<byte> from, ref int at, out SessionEvent e)
    {
        e = default;
        var mask = (uint)Varint.Read(from, ref at);
        if ((mask & ~Known) != 0)
        {
            throw new FormatException("A stored event has members that this version does not know.");
        }
        var fractions = (mask & Fractions) != 0;
        e.Type = (ChargingEventType)(mask & TypeMask);
        e.Members = EventMembers.Type | EventMembers.SessionId;
        e.IsConflicting = (mask & Conflicting) != 0;
        if ((mask & Timestamp) != 0)
        {
            e.Members |= EventMembers.Timestamp;
            e.TimestampNs = ReadTime(ref context, fractions, from, ref at);
        }
        if ((mask & SameTexts) == 0)
        {
            context.LocationText = (int)Varint.Read(from, ref at);
            context.StationText = (int)Varint.Read(from, ref at);
            context.EvseText = (int)Varint.Read(from, ref at);
            context.ConnectorText = (int)Varint.Read(from, ref at);
            context.TariffText = (int)Varint.Read(from, ref at);
            context.TokenText = (int)Varint.Read(from, ref at);
        }
        (e.LocationText, e.StationText, e.EvseText) = (context.LocationText, context.StationText, context.EvseText);
        (e.ConnectorText, e.TariffText, e.TokenText) = (context.ConnectorText, context.TariffText, context.TokenText);
        e.Members |= (e.LocationText != 0 ? EventMembers.LocationId : 0) | (e.StationText != 0 ? EventMembers.StationId : 0)
            | (e.EvseText != 0 ? EventMembers.EvseId : 0) | (e.ConnectorText != 0 ? EventMembers.ConnectorId : 0)
            | (e.TariffText != 0 ? EventMembers.TariffId : 0) | (e.TokenText != 0 ? EventMembers.TokenId : 0);
        if ((mask & (NextSequenceNumber | OtherSequenceNumber)) != 0)
        {
            e.Members |= EventMembers.SequenceNumber;
            e.SequenceNumber = (mask & NextSequenceNumber) != 0 ? context.SequenceNumber + 1 : (long)Varint.Read(from, ref at);
            context.SequenceNumber = e.SequenceNumber;
        }
        if ((mask & Meter) != 0)
        {
            e.Members |= EventMembers.Meter;
            e.MeterMwh = ReadScaled(ref context.MeterMwh, from, ref at);
        }
        if ((mask & State) != 0)
        {
            e.Members |= EventMembers.ChargingState;
            e.ChargingState = (ChargingState)from[at++];
        }
        if ((mask & HasEventId) != 0)
        {
            e.Members |= EventMembers.EventId;
            e.EventId = ReadEventId(from, ref at);
        }
        if ((mask & Power) != 0)
        {
            e.Members |= EventMembers.Power;
            e.PowerMw = ReadScaled(ref context.PowerMw, from, ref at);
        }
        if ((mask & Current) != 0)
        {
            e.Members |= EventMembers.Current;
            e.CurrentMa = ReadScaled(ref context.CurrentMa, from, ref at);
        }
        if ((mask & OfflineStated) != 0)
        {
            e.Members |= EventMembers.Offline;
            e.Offline = (mask & OfflineTrue) != 0;
        }
        if ((mask & (TriggerReason | StoppedReason | StartedAt | EndedAt | ChargingEndedAt | Energy)) != 0)
        {
            ReadRare(ref context, mask, from, ref at, ref e);
        }
    }

    private static void ReadRare(ref EntryContext context, uint mask, ReadOnlySpan<byte> from, ref int at, ref SessionEvent e)
    {
        var fractions = (mask & Fractions) != 0;
        if ((mask & TriggerReason) != 0)
        {
            e.Members |= EventMembers.TriggerReason;
            context.TriggerReasonText = e.TriggerReasonText = (int)Varint.Read(from, ref at);
        }
        if ((mask & StoppedReason) != 0)
        {
            e.Members |= EventMembers.StoppedReason;
            context.StoppedReasonText = e.StoppedReasonText = (int)Varint.Read(from, ref at);
        }
        if ((mask & StartedAt) != 0)
        {
            e.Members |= EventMembers.StartedAt;
            e.StartedAtNs = ReadTime(ref context, fractions, from, ref at);
        }
        if ((mask & EndedAt) != 0)
        {
            e.Members |= EventMembers.EndedAt;
            e.EndedAtNs = ReadTime(ref context, fractions, from, ref at);
        }
        if ((mask & ChargingEndedAt) != 0)
        {
            e.Members |= EventMembers.ChargingEndedAt;
            e.ChargingEndedAtNs = ReadTime(ref context, fractions, from, ref at);
        }
        if ((mask & Energy) != 0)
        {
            e.Members |= EventMembers.Energy;
            e.EnergyMwh = (long)Varint.Read(from, ref at);
        }
    }

    private static void WriteTime(ref EntryContext context, bool stated, bool fractions, long unixNs, Span<byte> to, ref int at)
    {
        if (!stated)
        {
            return;
        }
        var seconds = unixNs / Rfc3339.NsPerSecond;
        Varint.WriteSigned(to, ref at, seconds - context.TimeSeconds);
        if (fractions)
        {
            Varint.Write(to, ref at, (ulong)(unixNs % Rfc3339.NsPerSecond));
        }
        context.TimeSeconds = seconds;
    }

    private static long ReadTime(ref EntryContext context, bool fractions, ReadOnlySpan<byte> from, ref int at)
    {
        context.TimeSeconds += Varint.ReadSigned(from, ref at);
        return (context.TimeSeconds * Rfc3339.NsPerSecond) + (fractions ? (long)Varint.Read(from, ref at) : 0);
    }

    // Most values are whole units, so the difference is written in thousands where it is one.
    private static void WriteScaled(ref long before, bool stated, long value, Span<byte> to, ref int at)
    {
        if (!stated)
        {
            return;
        }
        var difference = value - before;
        var whole = difference / 1000;
        if (whole * 1000 == difference)
        {
            Varint.WriteSigned(to, ref at, whole * 2);
        }
        else
        {
            Varint.WriteSigned(to, ref at, (difference * 2) + 1);
        }
        before = value;
    }

    private static long ReadScaled(ref long before, ReadOnlySpan<byte> from, ref int at)
    {
        var coded = Varint.ReadSigned(from, ref at);
        before += (coded & 1) == 0 ? coded / 2 * 1000 : (coded - 1) / 2;
        return before;
    }

    private static void WriteEventId(ReadOnlySpan<byte> id, ReadOnlySpan<byte> baseId, Span<byte> to, ref int at)
    {
        Span<byte> uuid = stackalloc byte[16];
        if (EventId.TryUuid(id, uuid))
        {
            Varint.Write(to, ref at, 1);
            uuid.CopyTo(to[at..]);
            at += uuid.Length;
            return;
        }
        var shared = id.CommonPrefixLength(baseId);
        var own = id[shared..];
        Varint.Write(to, ref at, (ulong)own.Length * 2);
        Varint.Write(to, ref at, (ulong)shared);
        own.CopyTo(to[at..]);
        at += own.Length;
    }

    private static EventIdSlice ReadEventId(ReadOnlySpan<byte> from, ref int at)
    {
        var length = (int)Varint.Read(from, ref at);
        EventIdSlice id;
        if (length == 1)
        {
            id = new(at, 16, 0, true);
        }
        else
        {
            var shared = (int)Varint.Read(from, ref at);
            id = new(at, length / 2, shared, false);
        }
        at += id.Length;
        return id;
    }
}
