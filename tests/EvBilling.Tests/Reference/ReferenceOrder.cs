namespace EvBilling.Tests.Reference;

/// <summary>The order of a session's events, and the ids that come first in it.</summary>
internal static class ReferenceOrder
{
    public static List<ReferenceEvent> Sort(IEnumerable<ReferenceEvent> events) =>
    [
        .. events.OrderBy(Key)
            // From here on the contract and the project's decisions say nothing: any order will do that is always the same.
            .ThenBy(e => (e.StartedAt ?? -1, e.EndedAt ?? -1, e.ChargingEndedAt ?? -1, e.Energy ?? -1))
            .ThenBy(e => e.LocationId, ReferenceJoin.Utf8)
            .ThenBy(e => e.StationId, ReferenceJoin.Utf8)
            .ThenBy(e => e.EvseId, ReferenceJoin.Utf8)
            .ThenBy(e => e.ConnectorId, ReferenceJoin.Utf8)
            .ThenBy(e => e.TariffId, ReferenceJoin.Utf8)
            .ThenBy(e => e.TokenId, ReferenceJoin.Utf8)
            .ThenBy(e => e.EventId, ReferenceJoin.Utf8),
    ];

    /// <summary>The order that is decided; what is absent comes first.</summary>
    public static (long At, long Sequence, long Meter, ReferenceType Type, int State) Key(ReferenceEvent e) =>
        (e.Timestamp ?? -1, e.SequenceNumber ?? -1, e.Meter ?? -1, e.Type, e.ChargingState is { } state ? (int)state : -1);

    /// <summary>The order in which ids are looked for: `started` first, `completed` last.</summary>
    public static List<ReferenceEvent> Statements(List<ReferenceEvent> sorted) =>
    [
        .. sorted.Where(e => e.Type == ReferenceType.Started),
        .. sorted.Where(e => e.Type is ReferenceType.Updated or ReferenceType.Ended),
        .. sorted.Where(e => e.IsCompleted),
    ];

    public static string? First(List<ReferenceEvent> statements, Func<ReferenceEvent, string?> id) =>
        statements.Select(id).FirstOrDefault(value => value is not null);

    public static bool HasSeveral(List<ReferenceEvent> statements, Func<ReferenceEvent, string?> id) =>
        statements.Select(id).Where(value => value is not null).Distinct().Count() > 1;

    /// <summary>Which value comes first is decided only beyond what is agreed: two events of one rank state different ones.</summary>
    public static bool IsTied(List<ReferenceEvent> statements, Func<ReferenceEvent, string?> id)
    {
        ReferenceEvent? first = statements.FirstOrDefault(e => id(e) is not null);
        return first is not null && statements.Any(e => Key(e) == Key(first) && id(e) is string other && other != id(first));
    }
}
