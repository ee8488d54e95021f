using System.Globalization;
using System.Text;

namespace EvBilling.Tests.Reference;

/// <summary>The set of a session's events: copies under one identity become one event.</summary>
internal static class ReferenceJoin
{
    /// <summary>Texts in the order of their UTF-8 bytes, the absent one first.</summary>
    public static readonly Comparer<string?> Utf8 = Comparer<string?>.Create((left, right) =>
        left is null || right is null
            ? (left is null ? 0 : 1) - (right is null ? 0 : 1)
            : Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    public static List<ReferenceEvent> Join(IEnumerable<ReferenceEvent> events, out bool isConflicting)
    {
        var joined = new List<ReferenceEvent>();
        bool conflict = false;
        // An event without an id never meets one that has one, even if they say the same.
        foreach (IGrouping<object, ReferenceEvent> copies in events.GroupBy(e => (object?)e.EventId ?? e.Content))
        {
            joined.Add(One([.. copies], ref conflict));
        }

        List<ReferenceEvent> completed = [.. joined.Where(e => e.IsCompleted)];
        isConflicting = conflict || completed.Select(e => e.Content).Distinct().Count() > 1;
        return joined;
    }

    private static ReferenceEvent One(List<ReferenceEvent> copies, ref bool conflict) => new()
    {
        EventId = copies[0].EventId,
        SessionId = copies[0].SessionId,
        Type = Content(copies, e => (ReferenceType?)e.Type, ref conflict)!.Value,
        SequenceNumber = Content(copies, e => e.SequenceNumber, ref conflict),
        Timestamp = Content(copies, e => e.Timestamp, ref conflict),
        LocationId = Content(copies, e => e.LocationId, ref conflict),
        StationId = Content(copies, e => e.StationId, ref conflict),
        EvseId = Content(copies, e => e.EvseId, ref conflict),
        ConnectorId = Content(copies, e => e.ConnectorId, ref conflict),
        TariffId = Content(copies, e => e.TariffId, ref conflict),
        ChargingState = Content(copies, e => e.ChargingState, ref conflict),
        Meter = Content(copies, e => e.Meter, ref conflict),
        StartedAt = Content(copies, e => e.StartedAt, ref conflict),
        EndedAt = Content(copies, e => e.EndedAt, ref conflict),
        ChargingEndedAt = Content(copies, e => e.ChargingEndedAt, ref conflict),
        Energy = Content(copies, e => e.Energy, ref conflict),
        TokenId = SmallestText(copies, e => e.TokenId),
        TriggerReason = SmallestText(copies, e => e.TriggerReason),
        StoppedReason = SmallestText(copies, e => e.StoppedReason),
        Offline = SmallestSpelled(copies, e => e.Offline, offline => offline ? "true" : "false"),
        Power = SmallestSpelled(copies, e => e.Power, Plain),
        Current = SmallestSpelled(copies, e => e.Current, Plain),
    };

    /// <summary>Of two values that conflict the smaller stands: the session is held, but it still says something, always the same.</summary>
    private static T? Content<T>(List<ReferenceEvent> copies, Func<ReferenceEvent, T?> member, ref bool conflict)
        where T : struct
    {
        List<T?> values = [.. copies.Select(member).Where(value => value is not null).Distinct().Order()];
        conflict |= values.Count > 1;
        return values.FirstOrDefault();
    }

    private static string? Content(List<ReferenceEvent> copies, Func<ReferenceEvent, string?> member, ref bool conflict)
    {
        List<string?> values = [.. copies.Select(member).Where(value => value is not null).Distinct().Order(Utf8)];
        conflict |= values.Count > 1;
        return values.FirstOrDefault();
    }

    private static string? SmallestText(List<ReferenceEvent> copies, Func<ReferenceEvent, string?> member) =>
        copies.Select(member).Where(value => value is not null).Order(Utf8).FirstOrDefault();

    private static T? SmallestSpelled<T>(List<ReferenceEvent> copies, Func<ReferenceEvent, T?> member, Func<T, string> spell)
        where T : struct =>
        copies.Select(member).Where(value => value is not null).OrderBy(value => spell(value!.Value), Utf8).FirstOrDefault();

    /// <summary>Without exponent and without zeros at the end: -0.5, 7400.</summary>
    private static string Plain(long thousandths) => (thousandths / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
}
