using System.Text;

namespace EvBilling.Tests.Reference;

/// <summary>
/// A session from its events, written from contracts.md alone ("From events to a session") and for no speed at all,
/// so that the real assembly can be held against it. Lines that go to the dead letter take no part.
/// </summary>
internal static class ReferenceAssembly
{
    /// <summary>These hold a session once it has ended or is closed.</summary>
    private static readonly string[] Holding =
        ["ClockJump", "ConflictingDuplicate", "ImplausibleDuration", "ImplausibleEnergy", "NegativeDuration", "NoReadings"];

    /// <summary>These say nothing while more may come.</summary>
    private static readonly string[] Premature = ["ImplausibleDuration", "ImplausibleEnergy", "NegativeDuration", "NoReadings"];

    public static ReferenceSession Assemble(IEnumerable<string> lines, bool closedByPolicy, decimal? maxPowerW = null, TimeSpan? maxSession = null)
    {
        List<ReferenceEvent> events = [];
        foreach (string line in lines)
        {
            if (ReferenceValidation.Read(Encoding.UTF8.GetBytes(line), out ReferenceEvent? read) is null) events.Add(read!);
        }

        List<ReferenceEvent> sorted = ReferenceOrder.Sort(ReferenceJoin.Join(events, out bool isConflicting));
        if (sorted.Count == 0) throw new ArgumentException("No line is an event.", nameof(lines));
        long maxSessionNs = (maxSession ?? TimeSpan.FromDays(31)).Ticks * 100;
        ReferenceSession session = sorted.All(e => e.IsCompleted)
            ? ReferenceCompleted.Assemble(sorted, maxPowerW, maxSessionNs)
            : Assemble(sorted, closedByPolicy, maxPowerW, maxSessionNs);
        return Finish(session, isConflicting);
    }

    private static ReferenceSession Assemble(List<ReferenceEvent> sorted, bool closedByPolicy, decimal? maxPowerW, long maxSessionNs)
    {
        List<ReferenceEvent> completed = [.. sorted.Where(e => e.IsCompleted)];
        List<ReferenceEvent> events = [.. sorted.Where(e => !e.IsCompleted)];
        List<ReferenceEvent> starts = [.. events.Where(e => e.Type == ReferenceType.Started)];
        List<ReferenceEvent> ends = [.. events.Where(e => e.Type == ReferenceType.Ended)];
        var flags = new ReferenceFlags();
        flags.Add(starts.Count == 0, "StartMissing");
        flags.Add(starts.Count > 1, "SeveralStarts");
        flags.Add(ends.Count > 1, "SeveralEnds");
        flags.Add(ends.Count == 0 && closedByPolicy, "ClosedByPolicy");
        flags.Add(ReferencePlausibility.HasClockJump(events), "ClockJump");

        long start = starts.Count > 0 ? starts[0].At : events[0].At;
        long lastAt = events.Max(e => e.At);
        long? end = ends.Count > 0 ? ends.Max(e => e.At) : closedByPolicy ? lastAt : null;
        long endOrLast = end ?? lastAt;
        bool isNegative = endOrLast < start;
        // An end before the start bounds nothing.
        long bound = isNegative ? long.MaxValue : endOrLast;

        List<ReferenceEvent> stated = [.. events.Where(e => e.Meter is not null)];
        flags.Add(stated.Any(e => e.At < start), "ReadingBeforeStart");
        flags.Add(stated.Any(e => e.At > bound), "ReadingAfterEnd");
        var readings = new ReferenceReadings([.. stated.Where(e => e.At >= start && e.At <= bound)]);
        flags.Add(readings.HasGlitch, "ReadingGlitch");
        flags.Add(readings.HasReset, "MeterReset");
        flags.Add(readings.Count > 0 && starts.Count > 0 && starts[0].Meter is null, "StartReadingMissing");

        flags.Add(readings.Count == 0, "NoReadings");
        flags.Add(isNegative, "NegativeDuration");
        flags.Add(endOrLast - start > maxSessionNs, "ImplausibleDuration");
        bool isImplausible = ReferencePlausibility.Exceeds(readings.EnergyMwh, maxPowerW, endOrLast - start) || readings.HasImplausibleStep(maxPowerW);
        flags.Add(isImplausible, "ImplausibleEnergy");

        List<ReferencePoint> points = [.. ReferenceStates.Points(events, completed).Where(point => point.At <= bound)];
        flags.Add(points.Count == 0 && readings.LastRiseAt is not null, "ParkingInferred");
        flags.Add(points.Count == 0 && readings.LastRiseAt is null && readings.Count > 0, "NoEnergy");
        long chargingEnd = readings.LastRiseAt ?? endOrLast;
        ReferenceTimes times = isNegative ? default
            : points.Count > 0 ? ReferenceStates.Split(points, start, endOrLast)
            : new ReferenceTimes(chargingEnd - start, endOrLast - chargingEnd, 0);

        return new ReferenceSession
        {
            SessionId = sorted[0].SessionId,
            Status = end is null ? "open" : "final",
            Flags = flags.Names,
            StartedAt = start,
            EndedAt = end,
            EnergyMwh = readings.Count == 0 ? null : (long)readings.EnergyMwh,
            ChargingNs = times.ChargingNs,
            ParkingNs = times.ParkingNs,
            WaitingNs = times.WaitingNs,
            Readings = readings.Count,
            Events = sorted,
            TiedIds = [],
        };
    }

    private static ReferenceSession Finish(ReferenceSession session, bool isConflicting)
    {
        List<ReferenceEvent> statements = ReferenceOrder.Statements([.. session.Events]);
        // A `completed` beside other events names no tariff: it only adds ids of place and person.
        List<ReferenceEvent> tariffs = statements.All(e => e.IsCompleted) ? statements : [.. statements.Where(e => !e.IsCompleted)];
        (string Name, Func<ReferenceEvent, string?> Of, List<ReferenceEvent> By)[] ids =
        [
            ("location_id", e => e.LocationId, statements),
            ("station_id", e => e.StationId, statements),
            ("evse_id", e => e.EvseId, statements),
            ("connector_id", e => e.ConnectorId, statements),
            ("token_id", e => e.TokenId, statements),
            ("tariff_id", e => e.TariffId, tariffs),
        ];
        var flags = new ReferenceFlags(session.Flags);
        flags.Add(isConflicting, "ConflictingDuplicate");
        flags.Add(ids[..4].Any(id => ReferenceOrder.HasSeveral(id.By, id.Of)), "SeveralConnectors");
        flags.Add(ReferenceOrder.HasSeveral(ids[4].By, ids[4].Of), "SeveralTokens");
        flags.Add(ReferenceOrder.HasSeveral(ids[5].By, ids[5].Of), "SeveralTariffs");

        bool isOpen = session.Status == "open";
        return session with
        {
            Status = isOpen ? "open" : flags.Names.Intersect(Holding).Any() ? "held" : "final",
            Flags = isOpen ? [.. flags.Names.Except(Premature)] : flags.Names,
            LocationId = ReferenceOrder.First(ids[0].By, ids[0].Of),
            StationId = ReferenceOrder.First(ids[1].By, ids[1].Of),
            EvseId = ReferenceOrder.First(ids[2].By, ids[2].Of),
            ConnectorId = ReferenceOrder.First(ids[3].By, ids[3].Of),
            TokenId = ReferenceOrder.First(ids[4].By, ids[4].Of),
            TariffId = ReferenceOrder.First(ids[5].By, ids[5].Of),
            TiedIds = [.. ids.Where(id => ReferenceOrder.IsTied(id.By, id.Of)).Select(id => id.Name)],
        };
    }
}
