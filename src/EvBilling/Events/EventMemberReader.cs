namespace EvBilling.Events;

/// <summary>Reads members, each from its value, into an event, and judges the whole. A member that comes several times: the last counts.</summary>
internal struct EventMemberReader(EventBuffer buffer)
{
    private const long MaxPowerMw = 999_999_999_999_000;
    private const long MaxCurrentMa = 999_999_999_000;

    private const EventMembers RequiredAlways = EventMembers.Type | EventMembers.SessionId;
    private const EventMembers RequiredOfCompleted = RequiredAlways | EventMembers.StartedAt | EventMembers.EndedAt;
    private const EventMembers RequiredOfOthers = RequiredAlways | EventMembers.Timestamp;

    private readonly EventBuffer _buffer = buffer;
    private EventMembers _present;
    private EventMembers _wrongType;
    private EventMembers _outOfRange;
    private bool _unknownType;

    /// <summary>Whether there was a <c>type</c>, of whatever value.</summary>
    public readonly bool HasType => (_present & EventMembers.Type) != 0;

    /// <summary>The refusal of an event whose members were all read, or <c>default</c>; then the event is valid.</summary>
    public readonly EventRefusal Judge(ref ChargingEvent read)
    {
        if ((_wrongType & EventMembers.Type) != 0)
        {
            return new(EventRefusalReason.WrongType, EventMembers.Type);
        }
        if (_unknownType)
        {
            return new(EventRefusalReason.UnknownType);
        }
        var required = read.Type == ChargingEventType.Completed ? RequiredOfCompleted : RequiredOfOthers;
        var missing = required & ~_present;
        if ((missing | _wrongType | _outOfRange) != EventMembers.None)
        {
            return EventRefusal.OfFirst(missing, _wrongType, _outOfRange);
        }
        read.Members = _present;
        return default;
    }

    /// <summary>Reads one member of the schema.</summary>
    public void Read(EventMembers member, in EventValue value, ref ChargingEvent read)
    {
        _present |= member;
        _wrongType &= ~member;
        _outOfRange &= ~member;
        switch (member)
        {
            case EventMembers.Type:
                ReadType(value, ref read);
                break;
            case EventMembers.SequenceNumber:
                read.SequenceNumber = ReadInteger(value);
                break;
            case EventMembers.Timestamp:
                read.TimestampNs = ReadTime(member, value);
                break;
            case EventMembers.StartedAt:
                read.StartedAtNs = ReadTime(member, value);
                break;
            case EventMembers.EndedAt:
                read.EndedAtNs = ReadTime(member, value);
                break;
            case EventMembers.ChargingEndedAt:
                read.ChargingEndedAtNs = ReadTime(member, value);
                break;
            case EventMembers.Meter:
                read.MeterMwh = ReadNumber(member, value, 0, ChargingEventReader.MaxEnergyMwh);
                break;
            case EventMembers.Energy:
                read.EnergyMwh = ReadNumber(member, value, 0, ChargingEventReader.MaxEnergyMwh);
                break;
            case EventMembers.Power:
                read.PowerMw = ReadNumber(member, value, -MaxPowerMw, MaxPowerMw);
                break;
            case EventMembers.Current:
                read.CurrentMa = ReadNumber(member, value, -MaxCurrentMa, MaxCurrentMa);
                break;
            case EventMembers.Offline:
                read.Offline = value.Kind == EventValueKind.True;
                Refuse(value.Kind is not (EventValueKind.True or EventValueKind.False), member, ref _wrongType);
                break;
            case EventMembers.ChargingState:
                ReadChargingState(value, ref read);
                break;
            case EventMembers.SessionId:
                read.SessionId = ReadText(member, value, 1, 64);
                break;
            case EventMembers.EventId:
                read.EventId = ReadText(member, value, 1, 64);
                break;
            case EventMembers.LocationId:
                read.LocationId = ReadText(member, value, 0, 64);
                break;
            case EventMembers.StationId:
                read.StationId = ReadText(member, value, 0, 64);
                break;
            case EventMembers.EvseId:
                read.EvseId = ReadText(member, value, 0, 64);
                break;
            case EventMembers.ConnectorId:
                read.ConnectorId = ReadText(member, value, 0, 36);
                break;
            case EventMembers.TariffId:
                read.TariffId = ReadText(member, value, 0, 64);
                break;
            case EventMembers.TokenId:
                read.TokenId = ReadText(member, value, 0, 64);
                break;
            case EventMembers.TriggerReason:
                read.TriggerReason = ReadText(member, value, 0, ChargingEventReader.MaxBytes);
                break;
            case EventMembers.StoppedReason:
                read.StoppedReason = ReadText(member, value, 0, ChargingEventReader.MaxBytes);
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

    // What is no Unicode text is empty, and so in no list.
    private readonly ReadOnlySpan<byte> TextOf(in EventValue value) => value.Slice.In(_buffer.Bytes);

    private void ReadType(in EventValue value, ref ChargingEvent read)
    {
        _unknownType = false;
        if (!value.IsString)
        {
            _wrongType |= EventMembers.Type;
            return;
        }
        var text = TextOf(value);
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
            _unknownType = true;
        }
    }

    private void ReadChargingState(in EventValue value, ref ChargingEvent read)
    {
        if (!value.IsString)
        {
            _wrongType |= EventMembers.ChargingState;
            return;
        }
        var text = TextOf(value);
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
            _outOfRange |= EventMembers.ChargingState;
        }
    }

    private long ReadInteger(in EventValue value)
    {
        if (value.Kind != EventValueKind.Number)
        {
            _wrongType |= EventMembers.SequenceNumber;
            return 0;
        }
        var fits = JsonNumber.TryScale(TextOf(value), 0, out var integer, out var rounding);
        Refuse(fits && rounding != NumberRounding.Exact, EventMembers.SequenceNumber, ref _wrongType);
        Refuse(!fits || integer < 0, EventMembers.SequenceNumber, ref _outOfRange);
        return integer;
    }

    private long ReadNumber(EventMembers member, in EventValue value, long least, long most)
    {
        if (value.Kind != EventValueKind.Number)
        {
            _wrongType |= member;
            return 0;
        }
        Refuse(!JsonNumber.TryScaleWithin(TextOf(value), 3, least, most, out var scaled), member, ref _outOfRange);
        return scaled;
    }

    private long ReadTime(EventMembers member, in EventValue value)
    {
        if (value.Kind is not (EventValueKind.PlainText or EventValueKind.Text))
        {
            _wrongType |= member;
            return 0;
        }
        Refuse(!Rfc3339.TryParse(TextOf(value), out var unixNs, out var inRange), member, ref _wrongType);
        Refuse(!inRange, member, ref _outOfRange);
        return unixNs;
    }

    // An empty id says nothing, so that it is as if it were not there; where one is demanded, it is out of range.
    private TextSlice ReadText(EventMembers member, in EventValue value, int least, int most)
    {
        if (!value.IsString)
        {
            _wrongType |= member;
            return default;
        }
        if (value.Length == 0 && least == 0 && value.Kind != EventValueKind.NoText)
        {
            _present &= ~member;
        }
        var isInRange = value.Kind switch
        {
            EventValueKind.PlainText => value.Length >= least && value.Length <= most,
            EventValueKind.Text => EventText.IsInRange(TextOf(value), least, most),
            _ => false,
        };
        Refuse(!isInRange, member, ref _outOfRange);
        return value.Slice;
    }
}
