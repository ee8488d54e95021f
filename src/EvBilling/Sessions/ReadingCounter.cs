using EvBilling.Billing;

namespace EvBilling.Sessions;

/// <summary>
/// Sums up the increases of a register. A fall: if a later reading is at or above the value before the fall, the readings between are glitches and left out;
/// if the fallen reading is the last, it alone is left out; else the register restarted at 0, and the new value is energy since then.
/// </summary>
internal sealed class ReadingCounter
{
    private readonly List<(long TimeNs, long MeterMwh)> _readings = [];
    private long[] _greatestFrom = [];

    public void Clear() => _readings.Clear();

    public void Add(long timeNs, long meterMwh) => _readings.Add((timeNs, meterMwh));

    /// <summary>Counts the readings added, which are in order.</summary>
    public BillFlag Count(List<CountedReading> counted)
    {
        var flags = BillFlag.None;
        var hasGreatest = false;
        long energyMwh = 0;
        for (var i = 0; i < _readings.Count; i++)
        {
            var (timeNs, meterMwh) = _readings[i];
            var beforeMwh = counted.Count > 0 ? counted[^1].MeterMwh : meterMwh;
            if (meterMwh < beforeMwh)
            {
                if (!hasGreatest)
                {
                    FindGreatest();
                    hasGreatest = true;
                }
                if (i + 1 == _readings.Count || _greatestFrom[i + 1] >= beforeMwh)
                {
                    flags |= BillFlag.ReadingGlitch;
                    continue;
                }
                flags |= BillFlag.MeterReset;
                beforeMwh = 0;
            }
            energyMwh += meterMwh - beforeMwh;
            counted.Add(new(timeNs, meterMwh, energyMwh));
        }
        return flags;
    }

    private void FindGreatest()
    {
        if (_greatestFrom.Length < _readings.Count)
        {
            _greatestFrom = new long[_readings.Count];
        }
        long greatest = 0;
        for (var i = _readings.Count - 1; i >= 0; i--)
        {
            greatest = Math.Max(greatest, _readings[i].MeterMwh);
            _greatestFrom[i] = greatest;
        }
    }
}
