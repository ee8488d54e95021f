namespace EvBilling.Tests.Reference;

/// <summary>In the order that decides between events of one moment.</summary>
internal enum ReferenceType
{
    Started,
    Updated,
    Ended,
    Completed,
}

/// <summary>In the order of the schema's list.</summary>
internal enum ReferenceState
{
    Charging,
    EVConnected,
    SuspendedEV,
    SuspendedEVSE,
    Idle,
}

/// <summary>What one event line says. Times are nanoseconds since 1970, energies mWh, power mW, current mA; null = not stated.</summary>
internal sealed record ReferenceEvent
{
    public required ReferenceType Type { get; init; }

    public string? EventId { get; init; }

    public required string SessionId { get; init; }

    public long? SequenceNumber { get; init; }

    public long? Timestamp { get; init; }

    public string? LocationId { get; init; }

    public string? StationId { get; init; }

    public string? EvseId { get; init; }

    public string? ConnectorId { get; init; }

    public string? TariffId { get; init; }

    public string? TokenId { get; init; }

    public ReferenceState? ChargingState { get; init; }

    public string? TriggerReason { get; init; }

    public string? StoppedReason { get; init; }

    public bool? Offline { get; init; }

    public long? Meter { get; init; }

    public long? Power { get; init; }

    public long? Current { get; init; }

    public long? StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public long? ChargingEndedAt { get; init; }

    public long? Energy { get; init; }

    public bool IsCompleted => Type == ReferenceType.Completed;

    /// <summary>The time of an event that is not completed: those always have one.</summary>
    public long At => Timestamp!.Value;

    /// <summary>What makes two events the same where no event_id says so. An absent member is a value of its own here.</summary>
    public ReferenceEvent Content => this with
    {
        EventId = null,
        TokenId = null,
        TriggerReason = null,
        StoppedReason = null,
        Offline = null,
        Power = null,
        Current = null,
    };

    /// <summary>The line's event; only for lines that <see cref="ReferenceValidation.Check"/> does not refuse.</summary>
    public static ReferenceEvent Parse(ReadOnlySpan<byte> line)
    {
        string? reason = ReferenceValidation.Read(line, out ReferenceEvent? read);
        return read ?? throw new FormatException(reason);
    }
}
