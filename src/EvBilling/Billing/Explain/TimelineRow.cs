using EvBilling.Rating;
using EvBilling.Sessions;

namespace EvBilling.Billing.Explain;

/// <summary>A stretch of a session as a person is shown it.</summary>
/// <param name="Kind">Null = too short to be told from nothing in hours of 4 decimals, so that it is billed as neither.</param>
/// <param name="EnergyMwh">Null = not known.</param>
public sealed record TimelineRow(long FromNs, long ToNs, StretchKind? Kind, long? EnergyMwh)
{
    private const long LeastNs = 180_000_000;

    /// <summary>The charging periods that were rated.</summary>
    public static IReadOnlyList<TimelineRow> Of(Bill bill)
    {
        var rows = new TimelineRow[bill.Periods.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var period = bill.Periods[i];
            var toNs = i + 1 < rows.Length ? bill.Periods[i + 1].StartUnixNs : PeriodCutter.RoundToMs(bill.EndedAtNs);
            StretchKind? kind = period.TimeNs > 0 ? StretchKind.Charging
                : period.ParkingTimeNs > 0 ? StretchKind.Parking
                : toNs - period.StartUnixNs < LeastNs ? null
                : StretchKind.Waiting;
            rows[i] = new(period.StartUnixNs, toNs, kind, period.EnergyMwh);
        }
        return rows;
    }

    /// <summary>The stretches of a session that was not rated; its end is not before its start.</summary>
    public static IReadOnlyList<TimelineRow> Of(AssembledSession session)
    {
        var rows = new List<TimelineRow>();
        for (var i = 0; i < session.Stretches.Count; i++)
        {
            var (fromNs, kind) = session.Stretches[i];
            var toNs = i + 1 < session.Stretches.Count ? session.Stretches[i + 1].StartNs : session.EndNs;
            rows.Add(new(fromNs, toNs, kind, null));
        }
        return rows;
    }
}
