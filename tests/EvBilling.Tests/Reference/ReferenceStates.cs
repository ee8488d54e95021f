namespace EvBilling.Tests.Reference;

/// <summary>What the charge point said it was doing, from when on.</summary>
internal readonly record struct ReferencePoint(long At, ReferenceState State);

/// <summary>How long a session charged, parked and waited.</summary>
internal readonly record struct ReferenceTimes(long ChargingNs, long ParkingNs, long WaitingNs);

internal static class ReferenceStates
{
    /// <summary>In order: of several at one instant the last counts. `completed` events speak only where no other does.</summary>
    public static List<ReferencePoint> Points(List<ReferenceEvent> others, List<ReferenceEvent> completed)
    {
        List<ReferencePoint> stated = [.. others.Where(e => e.ChargingState is not null).Select(e => new ReferencePoint(e.At, e.ChargingState!.Value))];
        if (stated.Count > 0) return stated;
        return
        [
            // The sort is stable: what follows from the event's times has no sequence number and no reading, so it stands before what it says.
            .. completed.Select(e => new ReferencePoint(e.StartedAt!.Value, ReferenceState.Charging))
                .Concat(completed.Where(e => e.ChargingEndedAt is not null)
                    .Select(e => new ReferencePoint(e.ChargingEndedAt!.Value, ReferenceState.SuspendedEV)))
                .Concat(completed.Where(e => e.Timestamp is not null && e.ChargingState is not null)
                    .Select(e => new ReferencePoint(e.At, e.ChargingState!.Value)))
                .OrderBy(point => point.At),
        ];
    }

    /// <param name="points">None of them after the end, at least one.</param>
    public static ReferenceTimes Split(List<ReferencePoint> points, long start, long end)
    {
        // All that was said before the start comes down to the state at the start.
        List<ReferencePoint> within =
        [
            .. points.Select(point => point with { At = Math.Max(point.At, start) })
                .GroupBy(point => point.At)
                .Select(instant => instant.Last())
                .OrderBy(point => point.At),
        ];
        if (within[0].At > start) within.Insert(0, new ReferencePoint(start, ReferenceState.Charging));

        long charging = 0, parking = 0, waiting = 0;
        for (int i = 0; i < within.Count; i++)
        {
            long length = (i + 1 < within.Count ? within[i + 1].At : end) - within[i].At;
            bool hasCharged = within.Take(i).Any(point => point.State == ReferenceState.Charging);
            switch (within[i].State)
            {
                case ReferenceState.Charging:
                    charging += length;
                    break;
                case ReferenceState.SuspendedEV or ReferenceState.Idle:
                case ReferenceState.EVConnected when hasCharged:
                    parking += length;
                    break;
                default:
                    waiting += length;
                    break;
            }
        }

        return new ReferenceTimes(charging, parking, waiting);
    }
}
