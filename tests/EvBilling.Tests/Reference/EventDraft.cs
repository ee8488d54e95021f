namespace EvBilling.Tests.Reference;

/// <summary>What a generated event will say, before it is spelled. Times are ms after a common moment, energies mWh.</summary>
internal sealed record EventDraft
{
    public string Type { get; init; } = "updated";

    public string? EventId { get; init; }

    public long? Sequence { get; init; }

    public long? Time { get; init; }

    public string? Location { get; init; }

    public string? Station { get; init; }

    public string? Evse { get; init; }

    public string? Connector { get; init; }

    public string? Tariff { get; init; }

    public string? Token { get; init; }

    public string? State { get; init; }

    public string? Trigger { get; init; }

    public string? Stopped { get; init; }

    public bool? Offline { get; init; }

    public long? Meter { get; init; }

    public long? Power { get; init; }

    public long? Current { get; init; }

    public long? StartedAt { get; init; }

    public long? EndedAt { get; init; }

    public long? ChargingEndedAt { get; init; }

    public long? Energy { get; init; }

    /// <summary>With all that the schema requires of its type.</summary>
    public EventDraft Completed() => Type == "completed"
        ? this with { StartedAt = StartedAt ?? 0, EndedAt = EndedAt ?? Math.Max(0, Time ?? 0) }
        : this with { Time = Time ?? 0 };
}
