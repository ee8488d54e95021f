namespace EvBilling.Events;

/// <summary>Why a text is not a charging event, in the order in which it is looked at. Numbers are frozen: they stand in stored dead letters.</summary>
public enum EventRefusalReason : byte
{
    None = 0,

    /// <summary>Nothing, or nothing but white space.</summary>
    Empty = 1,

    /// <summary>Over <see cref="ChargingEventReader.MaxBytes"/>.</summary>
    TooLarge = 2,

    /// <summary>Not one JSON text in UTF-8.</summary>
    NotJson = 3,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject = 4,

    /// <summary>A member that must be there is not.</summary>
    MissingMember = 5,

    /// <summary>A member of another JSON type than the schema's, or a malformed date-time.</summary>
    WrongType = 6,

    /// <summary>A length, sign or magnitude out of its range, or a value that is not in its list.</summary>
    OutOfRange = 7,

    /// <summary>A <c>type</c> that is none of started, updated, ended, completed.</summary>
    UnknownType = 8,

    /// <summary>An event for a session that has a bill, but whose events are no longer kept.</summary>
    SessionArchived = 9,
}

/// <summary>A refusal: its reason and, where one is to blame, the member. <c>default</c> = not refused.</summary>
public readonly record struct EventRefusal(EventRefusalReason Reason, EventMembers Member = EventMembers.None)
{
    /// <summary>The refusal for the first member, in the order of <see cref="EventMembers"/>, that has a fault; at least one has.</summary>
    internal static EventRefusal OfFirst(EventMembers missing, EventMembers wrongType, EventMembers outOfRange)
    {
        var faulty = missing | wrongType | outOfRange;
        var first = (EventMembers)((int)faulty & -(int)faulty);
        return new(
            (missing & first) != 0 ? EventRefusalReason.MissingMember : (wrongType & first) != 0 ? EventRefusalReason.WrongType : EventRefusalReason.OutOfRange,
            first);
    }

    public bool IsRefused => Reason != EventRefusalReason.None;

    /// <summary>The reason as it stands in a dead letter: <c>NotJson</c>, <c>MissingMember:session_id</c>.</summary>
    public string Code => Member == EventMembers.None ? Reason.ToString() : $"{Reason}:{EventMemberNames.Of(Member)}";

    /// <summary>One sentence for a person: what is wrong and how to mend it.</summary>
    public string Detail
    {
        get
        {
            var name = Member == EventMembers.None ? "" : EventMemberNames.Of(Member);
            return Reason switch
            {
                EventRefusalReason.Empty => "The line is empty; send one JSON object a line.",
                EventRefusalReason.TooLarge => $"The event is larger than {ChargingEventReader.MaxBytes} bytes; send fewer or shorter members.",
                EventRefusalReason.NotJson => "The text is not one JSON value in UTF-8; send one JSON object a line.",
                EventRefusalReason.NotAnObject => "The text is JSON, but not an object; send one JSON object a line.",
                EventRefusalReason.MissingMember => $"The member {name} is missing; it must be there in {(EventMemberNames.IsOlder(Member) ? "a message of the older system" : "an event of this type")}.",
                EventRefusalReason.WrongType => $"The member {name} is not {EventMemberNames.Expected(Member)}.",
                EventRefusalReason.OutOfRange => $"The member {name} is out of its range: {EventMemberNames.Range(Member)}.",
                EventRefusalReason.UnknownType => "The member type is none of started, updated, ended, completed.",
                EventRefusalReason.SessionArchived => "The session has a bill and its events are no longer kept (--keep-sessions); correct the bill by a decision instead.",
                _ => "",
            };
        }
    }
}
