using EvBilling.Sessions;

namespace EvBilling.Rating;

/// <summary>
/// Cuts an assembled session into charging periods: a new one at every moment that may change its price (rule <c>unsplit</c>): changes between charging,
/// parking and waiting, and what <see cref="CutFinder"/> finds in the tariff.
/// Cuts lie on whole milliseconds. Energy runs linearly between readings; a period's is rounded to 4 decimals of kWh by largest remainder, so that the sum is
/// the session's, and so that a bound on energy is reached exactly where it cuts. A time volume is the period's length, or 0 where 4 decimals of an hour would
/// show 0, so that the CDR made from the bill rates to the same total; with <c>period_snap=off</c> it is hours of 4 decimals, as the CDR has it.
/// </summary>
public sealed class PeriodCutter
{
    private const long NsPerMs = 1_000_000;

    // A ten-thousandth of a kWh, and half of a ten-thousandth of an hour.
    private const long EnergyUnitMwh = 100;
    private const long LeastTimeNs = 180_000_000;
    private const long TimeUnitNs = 360_000_000;

    private readonly CutFinder _finder = new();
    private RatingPeriod[] _periods = new RatingPeriod[8];
    private long?[] _energyAtStart = new long?[8];
    private long[] _fineMwh = new long[8];
    private bool _isInHours;

    /// <summary>The periods of the last cut.</summary>
    public ReadOnlySpan<RatingPeriod> Periods => _periods.AsSpan(0, Count);

    public int Count { get; private set; }

    public long StartNs { get; private set; }

    public long EndNs { get; private set; }

    /// <summary>Rounds an instant to the millisecond, halves up.</summary>
    public static long RoundToMs(long unixNs) => (unixNs + (NsPerMs / 2)) / NsPerMs * NsPerMs;

    /// <summary>Cuts a session whose end is not before its start.</summary>
    /// <param name="tariff">What will rate it.</param>
    /// <param name="zone">Where local time comes from; null only for a tariff that needs none.</param>
    public void Cut(AssembledSession session, CompiledTariff tariff, RatingZone? zone)
    {
        Count = 0;
        _isInHours = !tariff.Options.PeriodSnap;
        StartNs = RoundToMs(session.StartNs);
        EndNs = RoundToMs(session.EndNs);
        var course = new EnergyCourse(session);
        var cuts = tariff.HasRestrictions || tariff.ChangesMidSession ? _finder.Find(tariff, zone, course, StartNs, EndNs) : null;
        var stretches = session.StretchList;
        var nextCut = 0;
        for (var i = 0; i < stretches.Count; i++)
        {
            var fromNs = RoundToMs(stretches[i].StartNs);
            var toNs = i + 1 < stretches.Count ? RoundToMs(stretches[i + 1].StartNs) : EndNs;
            long? energyMwh = null;
            for (; cuts is not null && nextCut < cuts.Count && cuts[nextCut].AtNs < toNs; nextCut++)
            {
                var cut = cuts[nextCut];
                if (cut.AtNs > fromNs)
                {
                    Add(fromNs, cut.AtNs, stretches[i].Kind, energyMwh);
                    (fromNs, energyMwh) = (cut.AtNs, null);
                }
                energyMwh ??= cut.EnergyMwh;
            }
            if (toNs > fromNs || stretches.Count == 1)
            {
                Add(fromNs, toNs, stretches[i].Kind, energyMwh);
            }
        }
        if (Count == 0)
        {
            Add(StartNs, StartNs, StretchKind.Waiting, null);
        }
        DivideEnergy(session, course);
    }

    private void Add(long fromNs, long toNs, StretchKind kind, long? energyMwh)
    {
        if (Count == _periods.Length)
        {
            Array.Resize(ref _periods, Count * 2);
            Array.Resize(ref _energyAtStart, Count * 2);
            Array.Resize(ref _fineMwh, Count * 2);
        }
        var timeNs = toNs - fromNs < LeastTimeNs ? 0 : _isInHours ? (long)Exact.RoundedQuotient(toNs - fromNs, TimeUnitNs) * TimeUnitNs : toNs - fromNs;
        _energyAtStart[Count] = energyMwh;
        _periods[Count++] = new(fromNs, 0, kind == StretchKind.Charging ? timeNs : 0, kind == StretchKind.Parking ? timeNs : 0) { Stated = PeriodVolumes.Energy };
    }

    // Piece by piece, from one bound on energy to the next: within a piece the sum is exact.
    private void DivideEnergy(AssembledSession session, EnergyCourse course)
    {
        var total = (session.EnergyMwh + (EnergyUnitMwh / 2)) / EnergyUnitMwh;
        var first = 0;
        var (unitsBefore, fineBefore) = (0L, Int128.Zero);
        for (var i = 1; i < Count; i++)
        {
            if (_energyAtStart[i] is { } bound)
            {
                var units = Math.Min(total, (bound + EnergyUnitMwh - 1) / EnergyUnitMwh);
                DividePiece(course, first, i, unitsBefore, units, fineBefore, (Int128)units * EnergyUnitMwh * EnergyCourse.Fine);
                (first, unitsBefore, fineBefore) = (i, units, (Int128)units * EnergyUnitMwh * EnergyCourse.Fine);
            }
        }
        DividePiece(course, first, Count, unitsBefore, total, fineBefore, course.TotalFineMwh);
    }

    private void DividePiece(EnergyCourse course, int first, int end, long unitsBefore, long unitsUntil, Int128 fineBefore, Int128 fineUntil)
    {
        var units = unitsUntil - unitsBefore;
        if (end - first == 1)
        {
            _periods[first] = _periods[first] with { EnergyMwh = units * EnergyUnitMwh };
            return;
        }
        for (var i = first; i < end; i++)
        {
            var until = i + 1 < end ? Int128.Clamp(course.FineMwhAt(_periods[i + 1].StartUnixNs), fineBefore, fineUntil) : fineUntil;
            var fine = until - fineBefore;
            var whole = (long)(fine / (EnergyUnitMwh * EnergyCourse.Fine));
            _fineMwh[i] = (long)(fine - ((Int128)whole * EnergyUnitMwh * EnergyCourse.Fine));
            _periods[i] = _periods[i] with { EnergyMwh = whole * EnergyUnitMwh };
            units -= whole;
            fineBefore = until;
        }
        for (; units > 0; units--)
        {
            var greatest = first;
            for (var i = first + 1; i < end; i++)
            {
                greatest = _fineMwh[i] > _fineMwh[greatest] ? i : greatest;
            }
            _periods[greatest] = _periods[greatest] with { EnergyMwh = _periods[greatest].EnergyMwh + EnergyUnitMwh };
            _fineMwh[greatest] = -1;
        }
    }
}
