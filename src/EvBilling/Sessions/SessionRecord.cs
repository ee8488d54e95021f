using EvBilling.Binary;
using EvBilling.Events;

namespace EvBilling.Sessions;

/// <summary>What <see cref="SessionRecord.Add"/> did.</summary>
public enum AddOutcome
{
    /// <summary>An event that was not there.</summary>
    Added,

    /// <summary>A copy of an event that was there; the set is the same as before.</summary>
    Duplicate,

    /// <summary>A copy of an event that was there; it stated a member that was missing, or contradicted one.</summary>
    Joined,
}

/// <summary>
/// The set of a session's events. <see cref="Add"/> and <see cref="Merge"/> are associative, commutative and idempotent:
/// the order of arrival, duplicates and replays do not matter. Not safe for use by several threads at once.
/// </summary>
/// <remarks>
/// Identity is the event id, else the event's content. Copies under one identity are joined member by member (<see cref="EventJoin"/>).
/// The events are kept in their compact stored form (<see cref="ToBytes"/>), so that hundreds of thousands of open sessions fit into memory.
/// </remarks>
public sealed class SessionRecord
{
    /// <summary>The first byte of the stored form.</summary>
    public const byte Format = 1;

    private readonly byte[] _sessionId;
    private byte[] _entries = [];
    private int _entriesLength;
    private uint[] _identityHashes = [];
    private TextTable _texts;
    private int _baseIdText;
    private EntryContext _context;
    private OrderKey _last;
    private bool _isOrdered = true;

    public SessionRecord(ReadOnlySpan<byte> sessionIdUtf8) => _sessionId = sessionIdUtf8.ToArray();

    /// <summary>The session's id in UTF-8.</summary>
    public ReadOnlySpan<byte> SessionIdUtf8 => _sessionId;

    /// <summary>The same without a copy; not to be changed.</summary>
    public ReadOnlyMemory<byte> SessionIdMemory => _sessionId;

    public string SessionId => System.Text.Encoding.UTF8.GetString(_sessionId);

    /// <summary>How many events are in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Whether an <c>ended</c> or a <c>completed</c> is among the events (of the latter: and no other event, beside which it only adds facts).</summary>
    public bool HasEnded => _ended || (_completed && !_reported);

    private bool _ended;
    private bool _completed;
    private bool _reported;

    /// <summary>About how many bytes of memory the record takes.</summary>
    public int ApproximateBytes => 290 + _entries.Length + (_identityHashes.Length * 4) + _texts.Bytes.Length + _sessionId.Length;

    /// <summary>A text of the set; empty for index 0.</summary>
    public ReadOnlySpan<byte> Text(int index) => _texts[index];

    /// <summary>The id of an event of this set; empty if it has none.</summary>
    public string EventIdText(in SessionEvent e)
    {
        if (!e.Has(EventMembers.EventId))
        {
            return "";
        }
        Span<byte> text = stackalloc byte[EventId.MaxBytes];
        return EventId.Text(text[..EventId.Expand(e.EventId, Entries, BaseId, text)]);
    }

    private ReadOnlySpan<byte> Entries => _entries.AsSpan(0, _entriesLength);

    private ReadOnlySpan<byte> BaseId => _texts[_baseIdText];

    /// <summary>Adds an event of this session.</summary>
    /// <param name="e">A valid event; its <c>session_id</c> is this record's.</param>
    /// <param name="buffer">The text that the event's slices point into.</param>
    public AddOutcome Add(in ChargingEvent e, ReadOnlySpan<byte> buffer)
    {
        var eventId = e.Has(EventMembers.EventId) ? e.EventId.In(buffer) : default;
        var hash = EventIdentity.Hash(e, eventId, buffer);
        var from = 0;
        while (_identityHashes.AsSpan(from, Count - from).IndexOf(hash) is var found and >= 0)
        {
            var outcome = TryJoin(from + found, e, eventId, buffer);
            if (outcome is not null)
            {
                return outcome.Value;
            }
            from += found + 1;
        }
        SessionEvent added = default;
        Intern(e, buffer, ref added);
        Append(added, eventId, hash);
        return AddOutcome.Added;
    }

    /// <summary>Adds all events of another record of the same session.</summary>
    /// <returns>Whether the set changed.</returns>
    public bool Merge(SessionRecord other)
    {
        var changed = false;
        var buffer = new EventBuffer(256);
        var expansion = new EventExpansion(other, buffer);
        foreach (var e in other.DecodeWithContradictions())
        {
            buffer.Clear();
            changed |= Add(expansion.Expand(e), buffer.Bytes) != AddOutcome.Duplicate;
        }
        return changed;
    }

    /// <summary>Whether every event of <paramref name="other"/> is in this set.</summary>
    public bool Contains(SessionRecord other) => !Parse(_sessionId, ToBytes()).Merge(other);

    /// <summary>
    /// Decodes the events, ordered by (timestamp, sequence number, meter reading, type, charging state), an absent member first; then by identity.
    /// </summary>
    /// <param name="events">Grown when it is too small.</param>
    /// <returns>How many there are.</returns>
    public int Decode(ref SessionEvent[] events)
    {
        EnsureOrdered();
        if (events.Length < Count)
        {
            events = new SessionEvent[Math.Max(Count, 32)];
        }
        var context = default(EntryContext);
        var at = 0;
        var entries = Entries;
        for (var i = 0; i < Count; i++)
        {
            EntryCodec.Read(ref context, entries, ref at, out events[i]);
            if (events[i].IsConflicting)
            {
                EntryCodec.Read(ref context, entries, ref at, out _);
            }
        }
        return Count;
    }

    /// <summary>The events in order; one whose copies contradict each other twice: with the least and with the greatest values.</summary>
    public IReadOnlyList<SessionEvent> DecodeWithContradictions()
    {
        EnsureOrdered();
        return [.. DecodeAll().SelectMany(e => e.Low.IsConflicting ? new[] { e.Low, e.High } : [e.Low])];
    }

    /// <summary>
    /// The stored form, the same for the same set: format number; texts (length, bytes); index of the base event id; count; entries in order.
    /// </summary>
    public byte[] ToBytes()
    {
        EnsureOrdered();
        var bytes = new byte[StoredLengthMax];
        return bytes[..WriteTo(bytes)];
    }

    /// <summary>Room enough for <see cref="WriteTo"/>.</summary>
    public int StoredLengthMax => 1 + (3 * Varint.MaxLength) + _texts.Bytes.Length + _entriesLength;

    /// <summary>Writes the stored form.</summary>
    /// <returns>Its length.</returns>
    public int WriteTo(Span<byte> to)
    {
        EnsureOrdered();
        var at = 0;
        to[at++] = Format;
        Varint.Write(to, ref at, (ulong)_texts.Bytes.Length);
        _texts.Bytes.CopyTo(to[at..]);
        at += _texts.Bytes.Length;
        Varint.Write(to, ref at, (ulong)_baseIdText);
        Varint.Write(to, ref at, (ulong)Count);
        Entries.CopyTo(to[at..]);
        return at + _entriesLength;
    }

    /// <summary>Reads the stored form.</summary>
    /// <exception cref="FormatException">The bytes are no record of a format that this version reads.</exception>
    public static SessionRecord Parse(ReadOnlySpan<byte> sessionIdUtf8, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty || stored[0] != Format)
        {
            throw new FormatException($"A stored session has format {(stored.IsEmpty ? 0 : stored[0])}; this version reads format {Format}.");
        }
        var record = new SessionRecord(sessionIdUtf8);
        try
        {
            var at = 1;
            var textsLength = (int)Varint.Read(stored, ref at);
            record._texts = TextTable.From(stored.Slice(at, textsLength));
            at += textsLength;
            record._baseIdText = (int)Varint.Read(stored, ref at);
            record.Count = (int)Varint.Read(stored, ref at);
            record._entries = stored[at..].ToArray();
            record._entriesLength = record._entries.Length;
            record.Reindex();
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new FormatException("A stored session is damaged.", e);
        }
        return record;
    }

    private void Reindex()
    {
        _identityHashes = new uint[Count];
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            EntryCodec.Read(ref _context, Entries, ref at, out var e);
            _identityHashes[i] = HashOf(e);
            Note(e);
            if (e.IsConflicting)
            {
                EntryCodec.Read(ref _context, Entries, ref at, out _);
            }
        }
    }

    private uint HashOf(in SessionEvent e)
    {
        Span<byte> text = stackalloc byte[EventId.MaxBytes];
        return e.Has(EventMembers.EventId)
            ? EventIdentity.Hash(text[..EventId.Expand(e.EventId, Entries, BaseId, text)])
            : EventIdentity.Hash(e, this);
    }

    private void Note(in SessionEvent e)
    {
        _ended |= e.Type == ChargingEventType.Ended;
        _completed |= e.Type == ChargingEventType.Completed;
        _reported |= e.Type != ChargingEventType.Completed;
        _last = new OrderKey(e);
    }

    // Texts are interned in a fixed order, so that the same set has the same table.
    private void Intern(in ChargingEvent e, ReadOnlySpan<byte> buffer, ref SessionEvent to)
    {
        EventJoin.CopyValues(e, ref to);
        var place = default(TextPlace);
        to.LocationText = e.Has(EventMembers.LocationId) ? _texts.Intern(e.LocationId.In(buffer), _context.LocationText, ref place) : 0;
        to.StationText = e.Has(EventMembers.StationId) ? _texts.Intern(e.StationId.In(buffer), _context.StationText, ref place) : 0;
        to.EvseText = e.Has(EventMembers.EvseId) ? _texts.Intern(e.EvseId.In(buffer), _context.EvseText, ref place) : 0;
        to.ConnectorText = e.Has(EventMembers.ConnectorId) ? _texts.Intern(e.ConnectorId.In(buffer), _context.ConnectorText, ref place) : 0;
        to.TariffText = e.Has(EventMembers.TariffId) ? _texts.Intern(e.TariffId.In(buffer), _context.TariffText, ref place) : 0;
        to.TokenText = e.Has(EventMembers.TokenId) ? _texts.Intern(e.TokenId.In(buffer), _context.TokenText, ref place) : 0;
        to.TriggerReasonText = e.Has(EventMembers.TriggerReason) ? _texts.Intern(e.TriggerReason.In(buffer), _context.TriggerReasonText, ref place) : 0;
        to.StoppedReasonText = e.Has(EventMembers.StoppedReason) ? _texts.Intern(e.StoppedReason.In(buffer), _context.StoppedReasonText, ref place) : 0;
    }

    private void Append(in SessionEvent e, ReadOnlySpan<byte> eventId, uint hash)
    {
        _isOrdered &= Count == 0 || _last.IsBefore(e);
        AppendEntry(e, eventId);
        if (_identityHashes.Length == Count)
        {
            Array.Resize(ref _identityHashes, Math.Max(8, Count + (Count / 2)));
        }
        _identityHashes[Count++] = hash;
        Note(e);
    }

    private void AppendEntry(in SessionEvent e, ReadOnlySpan<byte> eventId)
    {
        Span<byte> entry = stackalloc byte[EntryCodec.MaxLength];
        if (_baseIdText == 0 && e.Has(EventMembers.EventId) && !EventId.TryUuid(eventId, entry))
        {
            var place = default(TextPlace);
            _baseIdText = _texts.Intern(eventId, 0, ref place);
        }
        var length = EntryCodec.Write(ref _context, e, eventId, BaseId, entry);
        if (_entries.Length - _entriesLength < length)
        {
            Array.Resize(ref _entries, Math.Max(_entriesLength + length, _entries.Length == 0 ? 128 : _entries.Length + (_entries.Length / 2)));
        }
        entry[..length].CopyTo(_entries.AsSpan(_entriesLength));
        _entriesLength += length;
    }

    private AddOutcome? TryJoin(int index, in ChargingEvent e, ReadOnlySpan<byte> eventId, ReadOnlySpan<byte> buffer)
    {
        var (count, length) = (_texts.Count, _texts.Bytes.Length);
        SessionEvent copy = default;
        Intern(e, buffer, ref copy);
        var stored = DecodeAt(index);
        if (!HasIdentity(stored.Low, copy, eventId))
        {
            _texts.Restore(count, length);
            return null;
        }
        if (!EventJoin.Join(this, ref stored.Low, ref stored.High, copy))
        {
            _texts.Restore(count, length);
            return AddOutcome.Duplicate;
        }
        var all = DecodeAll();
        all[index] = stored;
        Rebuild(all);
        return AddOutcome.Joined;
    }

    private bool HasIdentity(in SessionEvent stored, in SessionEvent copy, ReadOnlySpan<byte> eventId)
    {
        if (stored.Has(EventMembers.EventId) != copy.Has(EventMembers.EventId))
        {
            return false;
        }
        if (!stored.Has(EventMembers.EventId))
        {
            return EventIdentity.SameContent(stored, copy);
        }
        Span<byte> text = stackalloc byte[EventId.MaxBytes];
        return text[..EventId.Expand(stored.EventId, Entries, BaseId, text)].SequenceEqual(eventId);
    }

    private (SessionEvent Low, SessionEvent High) DecodeAt(int index)
    {
        var context = default(EntryContext);
        var at = 0;
        for (var i = 0; ; i++)
        {
            EntryCodec.Read(ref context, Entries, ref at, out var low);
            var high = low;
            if (low.IsConflicting)
            {
                EntryCodec.Read(ref context, Entries, ref at, out high);
            }
            if (i == index)
            {
                return (low, high);
            }
        }
    }

    private List<(SessionEvent Low, SessionEvent High)> DecodeAll()
    {
        var all = new List<(SessionEvent, SessionEvent)>(Count);
        var context = default(EntryContext);
        for (var at = 0; all.Count < Count;)
        {
            EntryCodec.Read(ref context, Entries, ref at, out var low);
            var high = low;
            if (low.IsConflicting)
            {
                EntryCodec.Read(ref context, Entries, ref at, out high);
            }
            all.Add((low, high));
        }
        return all;
    }

    private void EnsureOrdered()
    {
        if (!_isOrdered)
        {
            Rebuild(DecodeAll());
        }
    }

    // Writes all events anew in order, with a table of just the texts that they use.
    private void Rebuild(List<(SessionEvent Low, SessionEvent High)> all)
    {
        var old = (SessionRecord)MemberwiseClone();
        all.Sort(new EventOrder(old));
        var buffer = new EventBuffer(256);
        var expansion = new EventExpansion(old, buffer);
        _entries = [];
        _entriesLength = 0;
        _identityHashes = [];
        Count = 0;
        _texts = default;
        _baseIdText = 0;
        _context = default;
        _isOrdered = true;
        _ended = _completed = _reported = false;
        foreach (var (low, high) in all)
        {
            buffer.Clear();
            var e = expansion.Expand(low);
            SessionEvent rebuilt = default;
            Intern(e, buffer.Bytes, ref rebuilt);
            rebuilt.IsConflicting = low.IsConflicting;
            var eventId = e.Has(EventMembers.EventId) ? e.EventId.In(buffer.Bytes) : default;
            Append(rebuilt, eventId, EventIdentity.Hash(e, eventId, buffer.Bytes));
            if (low.IsConflicting)
            {
                var h = expansion.Expand(high);
                Intern(h, buffer.Bytes, ref rebuilt);
                rebuilt.IsConflicting = true;
                AppendEntry(rebuilt, h.Has(EventMembers.EventId) ? h.EventId.In(buffer.Bytes) : default);
            }
        }
        _isOrdered = true;
    }

    internal int ExpandEventId(in SessionEvent e, Span<byte> to) => EventId.Expand(e.EventId, Entries, BaseId, to);
}
