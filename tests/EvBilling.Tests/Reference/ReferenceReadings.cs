namespace EvBilling.Tests.Reference;

/// <summary>The readings that count, and what they say together.</summary>
internal sealed class ReferenceReadings
{
    /// <summary>50 kWh between two readings are believed whatever the time between them.</summary>
    private const long StepMwhBelieved = 50_000_000;

    private readonly List<(ReferenceEvent Event, decimal RiseMwh)> _used = [];

    /// <param name="candidates">In order, those outside the session already taken out.</param>
    public ReferenceReadings(List<ReferenceEvent> candidates)
    {
        for (int i = 0; i < candidates.Count; i++)
        {
            if (i == 0)
            {
                _used.Add((candidates[0], 0));
                continue;
            }

            decimal before = _used[^1].Event.Meter!.Value, value = candidates[i].Meter!.Value;
            if (value >= before)
            {
                _used.Add((candidates[i], value - before));
                continue;
            }

            int recovered = candidates.FindIndex(i, later => later.Meter >= before);
            if (recovered >= 0)
            {
                HasGlitch = true;
                i = recovered - 1;
            }
            else if (i == candidates.Count - 1)
            {
                HasGlitch = true;
            }
            else
            {
                HasReset = true;
                _used.Add((candidates[i], value));
            }
        }
    }

    public bool HasGlitch { get; }

    public bool HasReset { get; }

    public int Count => _used.Count;

    public decimal EnergyMwh => _used.Sum(reading => reading.RiseMwh);

    /// <summary>When the last reading that rose was taken: with a restart, one above 0.</summary>
    public long? LastRiseAt => _used.Where(reading => reading.RiseMwh > 0).Select(reading => (long?)reading.Event.At).LastOrDefault();

    public bool HasImplausibleStep(decimal? maxPowerW) =>
        Enumerable.Range(1, Math.Max(0, _used.Count - 1)).Any(i =>
            _used[i].RiseMwh > StepMwhBelieved
            && ReferencePlausibility.Exceeds(_used[i].RiseMwh, maxPowerW, _used[i].Event.At - _used[i - 1].Event.At));
}
