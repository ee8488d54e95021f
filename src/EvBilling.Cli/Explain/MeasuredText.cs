using EvBilling.Billing.Explain;
using EvBilling.Sessions;

namespace EvBilling.Cli.Explain;

/// <summary>What was measured: readings, what was left out of them, and the session's stretches.</summary>
internal static class MeasuredText
{
    private const int LeftOutMax = 20;
    private const int StretchesMax = 40;

    private static readonly string[] Heads = ["", "Time (UTC)", "Meter"];

    public static void Write(Page page, BillExplanation explanation)
    {
        page.Section("What was measured");
        if (explanation.Events is { } events)
        {
            WriteReadings(page, explanation, events);
            WriteState(page, events.State);
        }
        else
        {
            page.Paragraph(explanation.Bill.Readings == 0
                ? "No meter reading counts."
                : $"{Words.Count(explanation.Bill.Readings, "meter reading counts", "meter readings count")}; they are not shown, see the note above.");
        }
        WriteStretches(page, explanation.Timeline);
    }

    private static void WriteReadings(Page page, BillExplanation explanation, ExplainedEvents events)
    {
        if (events.IsLoneCompleted)
        {
            page.Paragraph(
                "The session was reported as a whole (a `completed` event), with its energy and without meter readings. Where a stretch's energy matters, "
                + "it is spread evenly over the charging time.");
            return;
        }
        var counted = events.Readings.Where(reading => reading.Fate is ReadingFate.Counted or ReadingFate.CountedAfterReset).ToList();
        var leftOut = events.Readings.Count - counted.Count;
        var count = counted.Count == 0 ? "no meter reading counts" : Words.Count(counted.Count, "meter reading counts", "meter readings count");
        page.Paragraph($"{Words.Count(events.Count, "event", "events")}; {count}"
            + $"{(leftOut == 0 ? "" : $", {Words.Count(leftOut, "is", "are")} left out")}.");
        if (counted.Count > 0)
        {
            var rows = new List<string[]> { Heads, Row(counted.Count == 1 ? "Only reading" : "First reading", counted[0]) };
            if (counted.Count > 1)
            {
                rows.Add(Row("Last reading", counted[^1]));
            }
            page.Table(rows, [false, false, true], 2);
        }
        WriteOdd(page, events.Readings);
        if (explanation.Bill.EnergyMwh is { } energy && counted.Count > 0)
        {
            var how = counted.Count == 1 ? "as one reading alone shows no increase"
                : energy == counted[^1].MeterMwh - counted[0].MeterMwh ? "the difference of the two"
                : "the sum of the increases";
            page.Paragraph($"Energy: {Words.Kwh(energy)}, {how}.");
        }
    }

    private static string[] Row(string what, ExplainedReading reading) => [what, Words.Time(reading.TimeNs), Words.Kwh(reading.MeterMwh)];

    private static void WriteOdd(Page page, IReadOnlyList<ExplainedReading> readings)
    {
        var odd = readings.Where(reading => reading.Fate != ReadingFate.Counted).ToList();
        foreach (var reading in odd.Take(LeftOutMax))
        {
            page.Item($"{Words.Utc(reading.TimeNs)}, {Words.Kwh(reading.MeterMwh)}: {Fate(reading)}");
        }
        if (odd.Count > LeftOutMax)
        {
            page.Item($"... and {odd.Count - LeftOutMax} more.");
        }
    }

    private static string Fate(ExplainedReading reading) => reading.Fate switch
    {
        ReadingFate.CountedAfterReset =>
            $"the register restarted at 0 after {Words.Kwh(reading.BeforeMwh!.Value)}, and this much was added since (meter reset).",
        ReadingFate.Glitch when reading.BeforeMwh is { } before =>
            $"left out, as it fell below the {Words.Kwh(before)} before it and no restart of the register explains that (glitch).",
        ReadingFate.BeforeStart => "left out, as it is from before the start.",
        ReadingFate.AfterEnd => "left out, as it is from after the end.",
        _ => "left out.",
    };

    private static void WriteState(Page page, SessionState state)
    {
        if (state == SessionState.ClosedByAge)
        {
            page.Paragraph("No end was reported. The session was closed because nothing came of it for long enough; its last event counts as its end.");
        }
        else if (state == SessionState.ClosedByFollower)
        {
            page.Paragraph("No end was reported. The session was closed because a later one began on the same connector; its last event counts as its end.");
        }
    }

    private static void WriteStretches(Page page, IReadOnlyList<TimelineRow> stretches)
    {
        if (stretches.Count == 0)
        {
            return;
        }
        page.Blank();
        var hasEnergy = stretches.Any(row => row.EnergyMwh is not null);
        var rows = new List<string[]> { new[] { "From (UTC)", "To (UTC)", "What", "How long", hasEnergy ? "Energy" : "" } };
        rows.AddRange(stretches.Take(StretchesMax).Select(row => new[]
        {
            Words.Time(row.FromNs), Words.Time(row.ToNs), Words.Of(row.Kind), Words.Duration(row.ToNs - row.FromNs),
            row.EnergyMwh is { } energy ? Words.Kwh(energy) : "",
        }));
        page.Table(rows, [false, false, false, true, true], 2);
        if (stretches.Count > StretchesMax)
        {
            page.Paragraph($"... and {stretches.Count - StretchesMax} more stretches.", 2);
        }
    }
}
