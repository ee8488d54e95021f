using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Billing.Explain;

/// <summary>What became of a meter reading.</summary>
public enum ReadingFate
{
    Counted,

    /// <summary>It counts, and the register restarted at 0 before it.</summary>
    CountedAfterReset,

    /// <summary>Left out: it fell, and the register did not restart.</summary>
    Glitch,

    /// <summary>Left out: from before the start.</summary>
    BeforeStart,

    /// <summary>Left out: from after the end.</summary>
    AfterEnd,
}

/// <summary>A meter reading and what became of it.</summary>
/// <param name="BeforeMwh">What the register showed at the reading that counted before it; null = there was none.</param>
public sealed record ExplainedReading(long TimeNs, long MeterMwh, long? BeforeMwh, ReadingFate Fate)
{
    /// <summary>All readings of a session in order.</summary>
    /// <param name="record">The session's events.</param>
    /// <param name="session">What was assembled from them.</param>
    public static IReadOnlyList<ExplainedReading> Find(SessionRecord record, AssembledSession session)
    {
        var events = Array.Empty<SessionEvent>();
        var count = record.Decode(ref events);
        var readings = new List<ExplainedReading>();
        var counted = 0;
        long? beforeMwh = null;
        foreach (ref readonly var e in events.AsSpan(0, count))
        {
            if (e.Type == ChargingEventType.Completed || !e.Has(EventMembers.Meter))
            {
                continue;
            }
            // The readings that count are a part of all, in the same order.
            var counts = counted < session.Readings.Count
                && session.Readings[counted].TimeNs == e.TimestampNs && session.Readings[counted].MeterMwh == e.MeterMwh;
            var fate = counts ? e.MeterMwh < beforeMwh ? ReadingFate.CountedAfterReset : ReadingFate.Counted
                : e.TimestampNs < session.StartNs ? ReadingFate.BeforeStart
                : e.TimestampNs > session.EndNs ? ReadingFate.AfterEnd
                : ReadingFate.Glitch;
            readings.Add(new(e.TimestampNs, e.MeterMwh, beforeMwh, fate));
            if (counts)
            {
                counted++;
                beforeMwh = e.MeterMwh;
            }
        }
        return readings;
    }
}
