namespace EvBilling.Rating;

/// <summary>Whether energy that was measured as one was divided between prices (flag <c>EnergyInterpolated</c>).</summary>
internal static class Interpolation
{
    // Meters are read every quarter of an hour or oftener; between readings farther apart what was delivered when is a guess.
    private const long ApartNs = 900L * 1_000_000_000;

    public static bool DecidesAPrice(RatingResult result, ReadOnlySpan<RatingPeriod> periods, EnergyCourse course)
    {
        if (periods.Length < 2 || result.IsLong)
        {
            return false;
        }
        var before = ComponentOf(result, 0);
        for (var i = 1; i < periods.Length; i++)
        {
            if (periods[i].EnergyMwh == 0)
            {
                continue;
            }
            var component = ComponentOf(result, i);
            if (component != before && course.IsInterpolatedAt(periods[i].StartUnixNs, ApartNs))
            {
                return true;
            }
            before = component;
        }
        return false;
    }

    private static int ComponentOf(RatingResult result, int period)
    {
        foreach (ref readonly var line in result.Lines.Span)
        {
            if (line.Kind == LineKind.Energy && line.FirstPeriod <= period && period < line.EndPeriod)
            {
                return line.Component;
            }
        }
        return -1;
    }
}
