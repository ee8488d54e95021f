using System.Globalization;

namespace EvBilling.Tests.Reference;

/// <summary>What the contract says about a set of events. Times and lengths are nanoseconds; null = not known.</summary>
internal sealed record ReferenceSession
{
    public required string SessionId { get; init; }

    /// <summary>open, final or held.</summary>
    public required string Status { get; init; }

    /// <summary>Sorted (ordinal), none twice.</summary>
    public required IReadOnlyList<string> Flags { get; init; }

    public required long StartedAt { get; init; }

    public required long? EndedAt { get; init; }

    public required long? EnergyMwh { get; init; }

    /// <summary>While the session is open, up to its last event.</summary>
    public required long ChargingNs { get; init; }

    public required long ParkingNs { get; init; }

    public required long WaitingNs { get; init; }

    public required int Readings { get; init; }

    public string? LocationId { get; init; }

    public string? StationId { get; init; }

    public string? EvseId { get; init; }

    public string? ConnectorId { get; init; }

    public string? TokenId { get; init; }

    public string? TariffId { get; init; }

    /// <summary>Members (`token_id`, ...) of which the first statement is decided only by this reference's own last resort: not to be compared.</summary>
    public required IReadOnlyList<string> TiedIds { get; init; }

    /// <summary>After the join, in order.</summary>
    public required IReadOnlyList<ReferenceEvent> Events { get; init; }

    /// <summary>Two contents claim one identity: beyond status and flag, nothing in particular has to follow.</summary>
    public bool IsConflicting => Flags.Contains("ConflictingDuplicate");

    /// <summary>All that can be compared, in one line: two sessions are alike if these are.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{SessionId} {Status} [{string.Join(' ', Flags)}] {StartedAt}..{EndedAt?.ToString(CultureInfo.InvariantCulture) ?? "?"} "
        + $"{EnergyMwh?.ToString(CultureInfo.InvariantCulture) ?? "?"} mWh, charging {ChargingNs} parking {ParkingNs} waiting {WaitingNs}, "
        + $"{Readings} readings, {LocationId}/{StationId}/{EvseId}/{ConnectorId}, token {TokenId}, tariff {TariffId}");
}
