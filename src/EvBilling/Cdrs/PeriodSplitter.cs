using EvBilling.Rating;
using EvBilling.Sessions;

namespace EvBilling.Cdrs;

/// <summary>Splits a partner's charging periods where a restriction begins or ends within them (rule <c>unsplit</c>), their volumes in proportion to time.</summary>
internal sealed class PeriodSplitter
{
    // A year: what is longer is no session, and has too many edges to look at each.
    private const long LengthNsMax = 366L * 24 * 3600 * 1_000_000_000;

    private readonly CutFinder _finder = new();
    private readonly List<RatingPeriod> _periods = [];
    private readonly List<PeriodMeasures> _measures = [];

    /// <returns>Null where there is nothing to split.</returns>
    public Cdr? Split(Cdr cdr, CompiledTariff tariff, RatingZone? zone)
    {
        if ((!tariff.HasRestrictions && !tariff.ChangesMidSession) || cdr.Wide is not null || cdr.EndUnixNs - cdr.StartUnixNs > LengthNsMax || Course(cdr) is not { } course)
        {
            return null;
        }
        var cuts = _finder.Find(tariff, zone, new EnergyCourse(course), cdr.StartUnixNs, cdr.EndUnixNs);
        _periods.Clear();
        _measures.Clear();
        var (nextCut, energyBefore) = (0, 0L);
        for (var i = 0; i < cdr.PeriodArray.Length; i++)
        {
            var rest = cdr.PeriodArray[i];
            var endNs = i + 1 < cdr.PeriodArray.Length ? cdr.PeriodArray[i + 1].StartUnixNs : cdr.EndUnixNs;
            for (; nextCut < cuts.Count && cuts[nextCut].AtNs < endNs; nextCut++)
            {
                var cut = cuts[nextCut];
                if (cut.AtNs <= rest.StartUnixNs)
                {
                    continue;
                }
                var part = Part(rest, cut, endNs, energyBefore);
                Add(part, cdr, i);
                energyBefore += part.EnergyMwh;
                rest = rest with
                {
                    StartUnixNs = cut.AtNs,
                    EnergyMwh = rest.EnergyMwh - part.EnergyMwh,
                    TimeNs = rest.TimeNs - part.TimeNs,
                    ParkingTimeNs = rest.ParkingTimeNs - part.ParkingTimeNs,
                    ReservationTimeNs = rest.ReservationTimeNs - part.ReservationTimeNs,
                };
            }
            Add(rest, cdr, i);
            energyBefore += rest.EnergyMwh;
        }
        return _periods.Count == cdr.PeriodArray.Length ? null : cdr with { PeriodArray = [.. _periods], MeasureArray = [.. _measures] };
    }

    // The part up to the cut; where the cut is a bound on energy, exactly up to that bound.
    private static RatingPeriod Part(in RatingPeriod period, Cut cut, long endNs, long energyBeforeMwh)
    {
        var (elapsedNs, lengthNs) = (cut.AtNs - period.StartUnixNs, endNs - period.StartUnixNs);
        long Share(long volume) => (long)((Int128)volume * elapsedNs / lengthNs);
        var energyMwh = cut.EnergyMwh is { } bound ? Math.Clamp(bound - energyBeforeMwh, 0, period.EnergyMwh) : Share(period.EnergyMwh);
        return period with
        {
            EnergyMwh = energyMwh,
            TimeNs = Share(period.TimeNs),
            ParkingTimeNs = Share(period.ParkingTimeNs),
            ReservationTimeNs = Share(period.ReservationTimeNs),
        };
    }

    private void Add(in RatingPeriod period, Cdr cdr, int index)
    {
        _periods.Add(period);
        if (cdr.MeasureArray.Length > 0)
        {
            _measures.Add(cdr.MeasureArray[index]);
        }
    }

    // How its energy ran, as if it had been read at the start of each period; null where that can't be told.
    private static AssembledSession? Course(Cdr cdr)
    {
        var periods = cdr.PeriodArray;
        if (periods.Length == 0 || periods[0].StartUnixNs < cdr.StartUnixNs || periods[^1].StartUnixNs > cdr.EndUnixNs)
        {
            return null;
        }
        var session = new AssembledSession { StartNs = cdr.StartUnixNs, EndNs = cdr.EndUnixNs };
        var energy = Int128.Zero;
        for (var i = 0; i < periods.Length; i++)
        {
            if (periods[i].EnergyMwh < 0 || (i > 0 && periods[i].StartUnixNs < periods[i - 1].StartUnixNs))
            {
                return null;
            }
            session.ReadingList.Add(new(periods[i].StartUnixNs, (long)energy, (long)energy));
            energy += periods[i].EnergyMwh;
            if (energy > long.MaxValue)
            {
                return null;
            }
        }
        session.ReadingList.Add(new(cdr.EndUnixNs, (long)energy, (long)energy));
        session.EnergyMwh = (long)energy;
        return session;
    }
}
