using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// The quick way to rate a session: by EvBilling's own readings, under one tariff without reservations, in 64 bits. It knows no refusals: what it does not rate,
/// be it right or wrong, is left to <see cref="VolumePass{TVolume, TSource}"/> and <see cref="AmountPass"/>, which rate the same from what this rates.
/// </summary>
internal static class QuickPass
{
    /// <summary>For which tariffs there is room.</summary>
    public const int ComponentsMax = 32;

    private const int None = -1;

    /// <summary>Rates into a result that has just begun.</summary>
    /// <param name="tariff">One for which <see cref="CompiledTariff.IsPlain"/> holds.</param>
    /// <returns>False: it is left to the others.</returns>
    /// <exception cref="OverflowException">Likewise.</exception>
    public static bool TryRate(in RatingSession session, CompiledTariff tariff, RatingResult result)
    {
        var part = tariff.Parts[0];
        var periods = session.Periods;
        if (periods.IsEmpty || session.Wide is not null || (session.MustBeValid && !part.IsValidAt(session.StartUnixNs)))
        {
            return false;
        }
        var matcher = new PeriodMatcher<long>(tariff, session.Measures, session.Zone, 1, session.StartUnixNs);
        var energies = new Taker(LineKind.Energy, part);
        var times = new Taker(LineKind.Time, part);
        var parkingTimes = new Taker(LineKind.ParkingTime, part);
        var flats = part.Candidates(TariffDimension.Flat);
        var lines = new Lines(result.Lines);
        var energyBefore = 0L;
        for (var i = 0; i < periods.Length; i++)
        {
            ref readonly var period = ref periods[i];
            var startNs = period.StartUnixNs;
            var lengthNs = (i + 1 < periods.Length ? periods[i + 1].StartUnixNs : session.EndUnixNs) - startNs;
            // Only the last length may be under 0: all others tell the order of the periods.
            if ((period.TimeNs | period.ParkingTimeNs) < 0 || (period.ReservationTimeNs | (uint)period.TariffNumber) != 0 || (lengthNs < 0 && i + 1 < periods.Length))
            {
                return false;
            }
            matcher.MoveTo(i, startNs, startNs - session.StartUnixNs, energyBefore);
            if (period.EnergyMwh != 0)
            {
                energies.Take(period.EnergyMwh, i, ref matcher, ref lines);
                energyBefore += period.EnergyMwh;
            }
            if (period.TimeNs != 0)
            {
                times.Take(PeriodSnap.Snapped(period.TimeNs, lengthNs, 1), i, ref matcher, ref lines);
            }
            if (period.ParkingTimeNs != 0)
            {
                parkingTimes.Take(PeriodSnap.Snapped(period.ParkingTimeNs, lengthNs, 1), i, ref matcher, ref lines);
            }
            if (!flats.IsEmpty && Find(flats, ref matcher) is var flat and not None)
            {
                lines.Add(LineKind.Flat, flat, i, periods.Length, 1);
                flats = default;
            }
        }
        energies.ApplyStep(tariff, ref lines);
        if (parkingTimes.HasLine)
        {
            parkingTimes.ApplyStep(tariff, ref lines);
        }
        else
        {
            times.ApplyStep(tariff, ref lines);
        }
        result.Lines.SetCount(lines.Count);
        result.PricedBy = part;
        result.Flags |= matcher.HasMissedPower ? RatingFlags.PowerNotMeasured : 0;
        Sum(result, tariff, lines.Volumes[..tariff.Components.Length], times.HasLine || parkingTimes.HasLine);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Find(ReadOnlySpan<Candidate> candidates, scoped ref PeriodMatcher<long> matcher)
    {
        foreach (ref readonly var candidate in candidates)
        {
            if (candidate.IsFree || matcher.IsFulfilled(candidate.Element))
            {
                return candidate.Component;
            }
        }
        return None;
    }

    private static void Sum(RatingResult result, CompiledTariff tariff, ReadOnlySpan<long> volumes, bool hasTimes)
    {
        var components = tariff.Components;
        var isInMillionths = !hasTimes || AreTimesInMillionths(result.Lines.Span, components);
        var sums = result.SumByVat;
        for (var i = 0; i < components.Length; i++)
        {
            if (volumes[i] == 0)
            {
                continue;
            }
            ref readonly var component = ref components[i];
            var amount = (long)component.Price * volumes[i];
            sums[component.VatIndex] += component.Dimension switch
            {
                TariffDimension.Energy => isInMillionths ? amount : amount * AmountPass.NsPerMillionthOfHour,
                TariffDimension.Flat => amount * (isInMillionths ? AmountPass.Million : AmountPass.HourNs),
                _ => isInMillionths ? amount / AmountPass.NsPerMillionthOfHour : amount,
            };
        }
        if (!tariff.StatesAllVat)
        {
            foreach (ref readonly var line in result.Lines.Span)
            {
                AmountPass.Note(components[line.Component], tariff, result);
            }
        }
        result.Denominator = isInMillionths ? tariff.MillionthsDenominator : tariff.HoursDenominator ?? throw new OverflowException();
    }

    private static bool AreTimesInMillionths(ReadOnlySpan<RatingLine<long>> lines, ReadOnlySpan<PricedComponent> components)
    {
        foreach (ref readonly var line in lines)
        {
            if (line.Kind is LineKind.Time or LineKind.ParkingTime && (long)components[line.Component].Price * line.Billed % AmountPass.NsPerMillionthOfHour != 0)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The lines so far, and what they bill by component.</summary>
    private struct Lines(LineList<long> list)
    {
        private RatingLine<long>[] _room = list.Room;
        private VolumeByComponent _volumes;

        [UnscopedRef]
        public readonly ReadOnlySpan<long> Volumes => _volumes;

        public int Count { get; private set; }

        public readonly ref RatingLine<long> this[int line] => ref _room[line];

        public void Bill(int component, long volume) => _volumes[component] += volume;

        public int Add(LineKind kind, int component, int firstPeriod, int endPeriod, long volume)
        {
            if (Count == _room.Length)
            {
                _room = list.Grow();
            }
            ref var line = ref _room[Count];
            line.Kind = kind;
            line.Component = component;
            line.FirstPeriod = firstPeriod;
            line.EndPeriod = endPeriod;
            line.Measured = volume;
            line.Billed = volume;
            Bill(component, volume);
            return Count++;
        }
    }

    [InlineArray(ComponentsMax)]
    private struct VolumeByComponent
    {
        private long _first;
    }

    /// <summary>Takes the volumes of one dimension.</summary>
    private ref struct Taker(LineKind kind, TariffPart part)
    {
        private readonly ReadOnlySpan<Candidate> _candidates = part.Candidates((TariffDimension)kind);
        private int _last = None;
        private long _total;

        public readonly bool HasLine => _last != None;

        public void Take(long volume, int period, scoped ref PeriodMatcher<long> matcher, scoped ref Lines lines)
        {
            var component = Find(_candidates, ref matcher);
            // A time may have been snapped to nothing.
            if (component == None || volume == 0)
            {
                return;
            }
            _total += volume;
            if (_last != None)
            {
                ref var line = ref lines[_last];
                // Energy is billed by what was delivered, so its line may span a pause.
                if (line.Component == component && (kind == LineKind.Energy || line.EndPeriod == period))
                {
                    line.Measured += volume;
                    line.Billed += volume;
                    line.EndPeriod = period + 1;
                    lines.Bill(component, volume);
                    return;
                }
            }
            _last = lines.Add(kind, component, period, period + 1, volume);
        }

        public readonly void ApplyStep(CompiledTariff tariff, scoped ref Lines lines)
        {
            if (_last == None)
            {
                return;
            }
            ref var line = ref lines[_last];
            var raised = StepRule.UpToStep(_total, tariff.Components[line.Component], RatingOptions.Default, 1, 1) - _total;
            line.Billed += raised;
            lines.Bill(line.Component, raised);
        }
    }
}
