using System.Numerics;
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
    private readonly List<WideVolume> _wide = [];

    /// <returns>Null where there is nothing to split, or where it can't be told how the energy ran: a volume under 0, periods that are not in order, more than a year.</returns>
    public Cdr? Split(Cdr cdr, CompiledTariff tariff, RatingZone? zone)
    {
        if ((!tariff.HasRestrictions && !tariff.ChangesMidSession) || cdr.EndUnixNs - cdr.StartUnixNs > LengthNsMax || Course(cdr) is not { } course)
        {
            return null;
        }
        var cuts = _finder.Find(tariff, zone, new EnergyCourse(course), cdr.StartUnixNs, cdr.EndUnixNs);
        _periods.Clear();
        _measures.Clear();
        _wide.Clear();
        var (nextCut, energyBefore, wideBefore) = (0, 0L, BigInteger.Zero);
        for (var i = 0; i < cdr.PeriodArray.Length; i++)
        {
            var rest = cdr.PeriodArray[i];
            var wide = cdr.Wide is { } volumes ? WideVolume.Of(volumes, i) : default;
            var endNs = i + 1 < cdr.PeriodArray.Length ? cdr.PeriodArray[i + 1].StartUnixNs : cdr.EndUnixNs;
            for (; nextCut < cuts.Count && cuts[nextCut].AtNs < endNs; nextCut++)
            {
                var cut = cuts[nextCut];
                if (cut.AtNs <= rest.StartUnixNs)
                {
                    continue;
                }
                var part = Part(rest, cut, endNs, energyBefore);
                var widePart = cdr.Wide is null ? default : wide.Part(cut, rest.StartUnixNs, endNs, wideBefore);
                Add(part, widePart, cdr, i);
                energyBefore += part.EnergyMwh;
                wideBefore += widePart.Energy;
                wide = wide.Without(widePart);
                rest = rest with
                {
                    StartUnixNs = cut.AtNs,
                    EnergyMwh = rest.EnergyMwh - part.EnergyMwh,
                    TimeNs = rest.TimeNs - part.TimeNs,
                    ParkingTimeNs = rest.ParkingTimeNs - part.ParkingTimeNs,
                    ReservationTimeNs = rest.ReservationTimeNs - part.ReservationTimeNs,
                };
            }
            Add(rest, wide, cdr, i);
            energyBefore += rest.EnergyMwh;
            wideBefore += wide.Energy;
        }
        return _periods.Count == cdr.PeriodArray.Length
            ? null
            : cdr with { PeriodArray = [.. _periods], MeasureArray = [.. _measures], Wide = cdr.Wide is null ? null : WideVolume.All(_wide) };
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

    private void Add(in RatingPeriod period, in WideVolume wide, Cdr cdr, int index)
    {
        _periods.Add(period);
        if (cdr.Wide is not null)
        {
            _wide.Add(wide);
        }
        if (cdr.MeasureArray.Length > 0)
        {
            _measures.Add(cdr.MeasureArray[index]);
        }
    }

    // How its energy ran, as if it had been read at the start of each period; null where that can't be told.
    private static AssembledSession? Course(Cdr cdr)
    {
        var periods = cdr.PeriodArray;
        if (periods.Length == 0 || periods[^1].StartUnixNs > cdr.EndUnixNs)
        {
            return null;
        }
        var session = new AssembledSession { StartNs = Math.Min(cdr.StartUnixNs, periods[0].StartUnixNs), EndNs = cdr.EndUnixNs };
        var energy = BigInteger.Zero;
        for (var i = 0; i < periods.Length; i++)
        {
            var ofPeriod = cdr.Wide is { } wide ? wide.Energy[i] : periods[i].EnergyMwh * WideVolumes.UnitsPerMwh;
            if (ofPeriod.Sign < 0 || (i > 0 && periods[i].StartUnixNs < periods[i - 1].StartUnixNs))
            {
                return null;
            }
            session.ReadingList.Add(Reading(periods[i].StartUnixNs, energy));
            energy += ofPeriod;
            if (energy / WideVolumes.UnitsPerMwh > long.MaxValue)
            {
                return null;
            }
        }
        session.ReadingList.Add(Reading(cdr.EndUnixNs, energy));
        session.EnergyMwh = session.ReadingList[^1].EnergyMwh;
        return session;
    }

    private static CountedReading Reading(long atNs, BigInteger energy)
    {
        var energyMwh = (long)(energy / WideVolumes.UnitsPerMwh);
        return new(atNs, energyMwh, energyMwh);
    }

    /// <summary>A period's volumes in the units of <see cref="WideVolumes"/>.</summary>
    private readonly record struct WideVolume(BigInteger Energy, BigInteger Time, BigInteger ParkingTime, BigInteger ReservationTime)
    {
        public static WideVolume Of(WideVolumes volumes, int period) =>
            new(volumes.Energy[period], volumes.Time[period], volumes.ParkingTime[period], volumes.ReservationTime[period]);

        public static WideVolumes All(List<WideVolume> periods) => new()
        {
            Energy = [.. periods.Select(period => period.Energy)],
            Time = [.. periods.Select(period => period.Time)],
            ParkingTime = [.. periods.Select(period => period.ParkingTime)],
            ReservationTime = [.. periods.Select(period => period.ReservationTime)],
        };

        public WideVolume Part(Cut cut, long startNs, long endNs, BigInteger energyBefore)
        {
            var (elapsedNs, lengthNs) = (cut.AtNs - startNs, endNs - startNs);
            var energy = cut.EnergyMwh is { } bound
                ? BigInteger.Min(BigInteger.Max((bound * WideVolumes.UnitsPerMwh) - energyBefore, 0), Energy)
                : Energy * elapsedNs / lengthNs;
            return new(energy, Time * elapsedNs / lengthNs, ParkingTime * elapsedNs / lengthNs, ReservationTime * elapsedNs / lengthNs);
        }

        public WideVolume Without(in WideVolume part) =>
            new(Energy - part.Energy, Time - part.Time, ParkingTime - part.ParkingTime, ReservationTime - part.ReservationTime);
    }
}
