using EvBilling.Sessions;

namespace EvBilling.Rating;

/// <summary>
/// Cuts an assembled session into charging periods: a new one at every change between charging, parking and waiting (row 19 of the OCPI readings).
/// Cuts lie on whole milliseconds. Energy runs linearly between readings; a period's is rounded to 4 decimals of kWh by largest remainder, so that the sum is
/// the session's. A time volume is the period's length, or 0 where 4 decimals of an hour would show 0, so that the CDR made from the bill rates to the same total.
/// </summary>
public sealed class PeriodCutter
{
    private const long NsPerMs = 1_000_000;

    // A ten-thousandth of a kWh, and half of a ten-thousandth of an hour.
    private const long EnergyUnitMwh = 100;
    private const long LeastTimeNs = 180_000_000;

    // Energy between readings is divided to a millionth of a mWh before it is rounded.
    private const long Fine = 1_000_000;

    private RatingPeriod[] _periods = new RatingPeriod[8];
    private long[] _fineMwh = new long[8];

    /// <summary>The periods of the last cut.</summary>
    public ReadOnlySpan<RatingPeriod> Periods => _periods.AsSpan(0, Count);

    public int Count { get; private set; }

    public long StartNs { get; private set; }

    public long EndNs { get; private set; }

    /// <summary>Rounds an instant to the millisecond, halves up.</summary>
    public static long RoundToMs(long unixNs) => (unixNs + (NsPerMs / 2)) / NsPerMs * NsPerMs;

    /// <summary>Cuts a session whose end is not before its start.</summary>
    public void Cut(AssembledSession session)
    {
        Count = 0;
        StartNs = RoundToMs(session.StartNs);
        EndNs = RoundToMs(session.EndNs);
        var stretches = session.StretchList;
        if (_periods.Length < stretches.Count)
        {
            _periods = new RatingPeriod[stretches.Count * 2];
            _fineMwh = new long[stretches.Count * 2];
        }
        for (var i = 0; i < stretches.Count; i++)
        {
            var fromNs = RoundToMs(stretches[i].StartNs);
            var toNs = i + 1 < stretches.Count ? RoundToMs(stretches[i + 1].StartNs) : EndNs;
            if (toNs > fromNs || stretches.Count == 1)
            {
                var timeNs = toNs - fromNs < LeastTimeNs ? 0 : toNs - fromNs;
                _periods[Count++] = new(
                    fromNs, 0, stretches[i].Kind == StretchKind.Charging ? timeNs : 0, stretches[i].Kind == StretchKind.Parking ? timeNs : 0);
            }
        }
        if (Count == 0)
        {
            _periods[Count++] = new(StartNs, 0, 0, 0);
        }
        DivideEnergy(session);
    }

    private void DivideEnergy(AssembledSession session)
    {
        var units = (session.EnergyMwh + (EnergyUnitMwh / 2)) / EnergyUnitMwh;
        if (Count == 1)
        {
            _periods[0] = _periods[0] with { EnergyMwh = units * EnergyUnitMwh };
            return;
        }
        Int128 before = 0;
        for (var i = 0; i < Count; i++)
        {
            var until = i + 1 < Count ? FineEnergyAt(session, _periods[i + 1].StartUnixNs) : (Int128)session.EnergyMwh * Fine;
            var fine = until - before;
            var whole = (long)(fine / (EnergyUnitMwh * Fine));
            _fineMwh[i] = (long)(fine - ((Int128)whole * EnergyUnitMwh * Fine));
            _periods[i] = _periods[i] with { EnergyMwh = whole * EnergyUnitMwh };
            units -= whole;
            before = until;
        }
        for (; units > 0; units--)
        {
            var greatest = 0;
            for (var i = 1; i < Count; i++)
            {
                greatest = _fineMwh[i] > _fineMwh[greatest] ? i : greatest;
            }
            _periods[greatest] = _periods[greatest] with { EnergyMwh = _periods[greatest].EnergyMwh + EnergyUnitMwh };
            _fineMwh[greatest] = -1;
        }
    }

    private static Int128 FineEnergyAt(AssembledSession session, long atNs)
    {
        var readings = session.ReadingList;
        if (readings.Count == 0)
        {
            return FineEnergyOfCompleted(session, atNs);
        }
        var (low, high) = (0, readings.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (readings[middle].TimeNs <= atNs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        if (low == 0)
        {
            return 0;
        }
        var before = readings[low - 1];
        if (low == readings.Count)
        {
            return (Int128)before.EnergyMwh * Fine;
        }
        var after = readings[low];
        return Between(before.EnergyMwh, after.EnergyMwh, atNs - before.TimeNs, after.TimeNs - before.TimeNs);
    }

    // Without readings energy runs while charging lasts; all before the first parking is charging.
    private static Int128 FineEnergyOfCompleted(AssembledSession session, long atNs)
    {
        var lengthNs = session.ChargingNs;
        return lengthNs == 0 || atNs - session.StartNs >= lengthNs
            ? (Int128)session.EnergyMwh * Fine
            : Between(0, session.EnergyMwh, Math.Max(0, atNs - session.StartNs), lengthNs);
    }

    private static Int128 Between(long fromMwh, long toMwh, long elapsedNs, long lengthNs) =>
        ((Int128)fromMwh * Fine) + ((Int128)(toMwh - fromMwh) * Fine * elapsedNs / lengthNs);
}
