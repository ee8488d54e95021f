using System.Numerics;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>
/// First half of rating: which component prices which volume, and what step_size adds. Makes the lines; needs no price. One source for short and long numbers.
/// </summary>
internal ref struct VolumePass<TVolume, TSource>
    where TVolume : struct, IBinaryInteger<TVolume>
    where TSource : IVolumeSource<TVolume>, allows ref struct
{
    private const int None = -1;

    private readonly RatingSession _session;
    private readonly TSource _source;
    private readonly CompiledTariff _tariff;
    private readonly RatingOptions _options;
    private readonly RatingResult _result;
    private readonly LineList<TVolume> _lines;
    private PeriodMatcher<TVolume> _matcher;
    private TariffPart? _part;
    private int _wholeElement;
    private int _flatPeriodOfReservation;
    private bool _hasFlat;

    // Per dimension: the line added last; the component used last, be it for a volume of 0; what no component priced.
    private Dimensions<int> _lastLine;
    private Dimensions<int> _lastComponent;
    private Dimensions<TVolume> _unpriced;

    public VolumePass(RatingSession session, TSource source, CompiledTariff tariff, RatingResult result, LineList<TVolume> lines)
    {
        _session = session;
        _source = source;
        _tariff = tariff;
        _options = tariff.Options;
        _result = result;
        _lines = lines;
        _matcher = new PeriodMatcher<TVolume>(tariff, session.Measures, session.Zone, source.UnitsPerMwh, session.StartUnixNs);
        _wholeElement = None;
        _flatPeriodOfReservation = None;
        for (var i = 0; i < TariffDimensions.Count; i++)
        {
            _lastLine[i] = _lastComponent[i] = None;
            _unpriced[i] = TVolume.Zero;
        }
    }

    /// <summary>False: no tariff holds.</summary>
    public bool Run()
    {
        var periods = _session.Periods;
        if (IsChosen())
        {
            _part = _tariff.Parts[0];
        }
        else if (!TryChooseForSession())
        {
            return false;
        }
        else
        {
            _part = InForce(_part!, _session.StartUnixNs);
        }
        var ofSession = _part!;
        _result.PricedBy = ofSession;
        var energyBefore = TVolume.Zero;
        var originNs = OriginNs();
        for (var i = 0; i < periods.Length; i++)
        {
            ref readonly var period = ref periods[i];
            if (_tariff.Parts.Length > 1 || period.TariffNumber != 0)
            {
                ChoosePart(period, ofSession);
                _part = InForce(_part, period.StartUnixNs);
            }
            var energy = _source.Energy(i);
            _matcher.MoveTo(i, period.StartUnixNs, DurationNs(period.StartUnixNs, originNs), energyBefore);
            _wholeElement = _options.ElementChoice == ElementChoice.WholeElement ? FirstElement() : None;
            var endNs = i + 1 < periods.Length ? periods[i + 1].StartUnixNs : _session.EndUnixNs;
            TakePeriod(i, period, energy, endNs - period.StartUnixNs);
            energyBefore += energy;
            if (_options.DurationOrigin == DurationOriginRule.Parking && originNs == long.MaxValue && _source.ParkingTime(i) != TVolume.Zero)
            {
                originNs = period.StartUnixNs;
            }
        }
        ApplySteps();
        _result.Flags |= _matcher.HasMissedPower && _options.MissingPower == MissingPowerRule.NoMatch ? RatingFlags.PowerNotMeasured : 0;
        return true;
    }

    private void TakePeriod(int i, in RatingPeriod period, TVolume energy, long lengthNs)
    {
        Take(LineKind.Energy, i, energy, period.Stated);
        Take(LineKind.Time, i, Snapped(_source.Time(i), lengthNs), period.Stated);
        Take(LineKind.ParkingTime, i, Snapped(_source.ParkingTime(i), lengthNs), period.Stated);
        var hasReservation = false;
        if (_options.Reservation == ReservationRule.Priced)
        {
            var reservation = _source.ReservationTime(i);
            hasReservation = reservation != TVolume.Zero;
            if (hasReservation)
            {
                Take(LineKind.ReservationTime, i, Snapped(reservation, lengthNs), period.Stated);
            }
        }
        TakeFlat(i, hasReservation);
    }

    private readonly TVolume Snapped(TVolume volume, long lengthNs) =>
        volume == TVolume.Zero || !_options.PeriodSnap ? volume : PeriodSnap.Snapped(volume, lengthNs, _source.UnitsPerNs);

    private void Take(LineKind kind, int period, TVolume volume, PeriodVolumes stated)
    {
        var dimension = DimensionOf(kind);
        if (volume == TVolume.Zero && (_options.ZeroVolume == ZeroVolumeRule.Skipped || ((int)stated & (1 << Bit(kind))) == 0))
        {
            return;
        }
        var component = Find(dimension, kind == LineKind.ReservationTime);
        if (component == None)
        {
            _unpriced[(int)dimension] += volume;
            return;
        }
        _lastComponent[(int)dimension] = component;
        ref var last = ref _lastLine[(int)dimension];
        // Where a volume of 0 decides the step, what the step adds has its price.
        if (volume == TVolume.Zero && last != None && _lines[last].Component == component)
        {
            return;
        }
        var billed = _options.StepSize == StepSizeRule.PerPeriod ? UpToStep(volume, component) : volume;
        if (last != None)
        {
            ref var line = ref _lines[last];
            // Energy is billed by what was delivered, so its line may span a pause.
            if (line.Component == component && line.Kind == kind && (kind == LineKind.Energy || line.EndPeriod == period))
            {
                line.Measured += volume;
                line.Billed += billed;
                line.EndPeriod = period + 1;
                return;
            }
        }
        last = _lines.Add(new RatingLine<TVolume>
        {
            Kind = kind,
            Component = component,
            FirstPeriod = period,
            EndPeriod = period + 1,
            Measured = volume,
            Billed = billed,
        });
    }

    private void TakeFlat(int period, bool hasReservation)
    {
        if (_options.Flat == FlatRule.OncePerSession)
        {
            // A reservation that was not used is no session.
            if (!_hasFlat && !(hasReservation && _session.IsReservationExpired) && Find(TariffDimension.Flat, isReservation: false) is var flat and not None)
            {
                AddFlat(flat, period);
                _hasFlat = true;
            }
            // Neighbouring periods of reservation are one reservation.
            if (!hasReservation)
            {
                _flatPeriodOfReservation = None;
            }
            else if (_flatPeriodOfReservation == None && Find(TariffDimension.Flat, isReservation: true) is var ofReservation and not None)
            {
                AddFlat(ofReservation, period);
                _flatPeriodOfReservation = period;
            }
            return;
        }
        if (_options.Flat == FlatRule.OnceInAll && _hasFlat)
        {
            return;
        }
        var found = Find(TariffDimension.Flat, isReservation: false);
        if (found == None && hasReservation)
        {
            found = Find(TariffDimension.Flat, isReservation: true);
        }
        if (found != None && !(_options.Flat == FlatRule.EachDistinct && HasFlatOf(found)))
        {
            AddFlat(found, period);
            _hasFlat = true;
        }
    }

    private readonly bool HasFlatOf(int component)
    {
        foreach (ref readonly var line in _lines.Span)
        {
            if (line.Component == component)
            {
                return true;
            }
        }
        return false;
    }

    private readonly void AddFlat(int component, int period) => _lines.Add(new RatingLine<TVolume>
    {
        Kind = LineKind.Flat,
        Component = component,
        FirstPeriod = period,
        EndPeriod = _session.Periods.Length,
        Measured = TVolume.One,
        Billed = TVolume.One,
    });

    /// <summary>Rule <c>element_choice</c>.</summary>
    private int Find(TariffDimension dimension, bool isReservation)
    {
        foreach (ref readonly var candidate in _part!.Candidates(dimension))
        {
            var element = candidate.Element;
            if (IsFor(element, isReservation) && (_wholeElement == None || isReservation || element == _wholeElement) && _matcher.IsFulfilled(element))
            {
                return candidate.Component;
            }
        }
        return None;
    }

    /// <summary>Rule <c>reservation</c>: elements with that restriction price reservations and nothing else.</summary>
    private readonly bool IsFor(int element, bool isReservation)
    {
        if (!_tariff.HasReservations)
        {
            return !isReservation;
        }
        var reservation = _tariff.Conditions[element].Reservation;
        return isReservation
            ? reservation == ReservationRestriction.Reservation || (reservation == ReservationRestriction.ReservationExpires && _session.IsReservationExpired)
            : reservation == ReservationRestriction.None;
    }

    // An element that none matches prices nothing.
    private int FirstElement()
    {
        for (var element = _part!.FirstElement; element < _part.EndElement; element++)
        {
            if (IsFor(element, isReservation: false) && _matcher.IsFulfilled(element))
            {
                return element;
            }
        }
        return _tariff.Conditions.Length;
    }

    private readonly long OriginNs() => _options.DurationOrigin switch
    {
        DurationOriginRule.FirstPeriod => _session.Periods.IsEmpty ? _session.StartUnixNs : _session.Periods[0].StartUnixNs,
        DurationOriginRule.Parking => long.MaxValue,
        DurationOriginRule.SessionInSeconds => FloorToSecond(_session.StartUnixNs),
        _ => _session.StartUnixNs,
    };

    private readonly long DurationNs(long atNs, long originNs) => _options.DurationOrigin switch
    {
        DurationOriginRule.Parking => originNs == long.MaxValue ? 0 : atNs - originNs,
        DurationOriginRule.SessionInSeconds => FloorToSecond(atNs) - originNs,
        _ => atNs - originNs,
    };

    private static long FloorToSecond(long unixNs) => unixNs - (((unixNs % 1_000_000_000) + 1_000_000_000) % 1_000_000_000);

    private bool TryChooseForSession()
    {
        foreach (var part in _tariff.Parts)
        {
            if (part.IsValidAt(_session.StartUnixNs) && (_part is null || IsBefore(part, _part)))
            {
                _part = part;
            }
        }
        return _part is not null;
    }

    // Of versions that were chosen for a session, the one of its start comes first.
    private readonly bool IsChosen() => _session.MustBeValid
        ? _tariff.Parts.Length == 1 && IsNamedByAll(_tariff.Parts[0])
        : _tariff.Parts.Length == 1 || _tariff.ChangesMidSession;

    // Whoever made the CDR has chosen it, be it before its time.
    private readonly bool IsNamedByAll(TariffPart part)
    {
        foreach (ref readonly var period in _session.Periods)
        {
            if (NamedBy(period) != part)
            {
                return false;
            }
        }
        return !_session.Periods.IsEmpty;
    }

    private readonly TariffPart? NamedBy(in RatingPeriod period)
    {
        if (period.TariffNumber == 0)
        {
            return null;
        }
        var id = _session.TariffIds[period.TariffNumber - 1];
        foreach (var part in _tariff.Parts)
        {
            if (string.Equals(part.Source.Id, id, StringComparison.OrdinalIgnoreCase))
            {
                return part;
            }
        }
        return null;
    }

    private void ChoosePart(in RatingPeriod period, TariffPart ofSession)
    {
        _part = ofSession;
        if (_options.TariffChoice == TariffChoiceRule.SessionStartOnly)
        {
            return;
        }
        if (NamedBy(period) is { } named)
        {
            _part = named;
            return;
        }
        _result.Flags |= period.TariffNumber > 0 ? RatingFlags.TariffIdUnknown : 0;
        if (_options.TariffChoice == TariffChoiceRule.PerPeriod)
        {
            TariffPart? valid = null;
            foreach (var part in _tariff.Parts)
            {
                if (part.IsValidAt(period.StartUnixNs) && (valid is null || IsBefore(part, valid)))
                {
                    valid = part;
                }
            }
            _part = valid ?? ofSession;
        }
    }

    /// <summary>Rule <c>mid_session_change</c>: of the versions of a tariff the one that began last; where that has ended, the one chosen goes on.</summary>
    private readonly TariffPart InForce(TariffPart chosen, long atNs)
    {
        if (!_tariff.ChangesMidSession)
        {
            return chosen;
        }
        TariffPart? newest = null;
        foreach (var part in _tariff.Parts)
        {
            if (part.IsVersionOf(chosen) && part.BeganNs <= atNs && (newest is null || part.BeganNs >= newest.BeganNs))
            {
                newest = part;
            }
        }
        return newest is not null && atNs < newest.EndNs ? newest : chosen;
    }

    // Parts come in order; only where each period chooses does one without a type come before those with one.
    private readonly bool IsBefore(TariffPart part, TariffPart other) =>
        _options.TariffChoice == TariffChoiceRule.PerPeriod && part.Source.Type is null && other.Source.Type is not null;

    /// <summary>
    /// Rule <c>step_size</c>: the total of ENERGY, and of either PARKING_TIME or TIME, is raised to a multiple of the step of the component used last
    /// (OCPI 2.2.1 mod_tariffs 1.4.2: where a session ends with parking, only the parking is rounded).
    /// </summary>
    private void ApplySteps()
    {
        if (_options.StepSize == StepSizeRule.PerPeriod)
        {
            return;
        }
        ApplyStep(TariffDimension.Energy);
        ApplyStep(_lastComponent[(int)TariffDimension.ParkingTime] != None ? TariffDimension.ParkingTime : TariffDimension.Time);
    }

    private void ApplyStep(TariffDimension dimension)
    {
        var last = _lastLine[(int)dimension];
        if (last == None || _tariff.Components[_lastComponent[(int)dimension]].StepUnits == 0)
        {
            return;
        }
        var total = _options.StepTotal == StepTotalRule.All ? _unpriced[(int)dimension] : TVolume.Zero;
        foreach (ref readonly var line in _lines.Span)
        {
            if (line.Kind != LineKind.Flat && DimensionOf(line.Kind) == dimension)
            {
                total += line.Measured;
            }
        }
        var raised = UpToStep(total, _lastComponent[(int)dimension]);
        if (raised != total)
        {
            _lines[last].Billed += raised - total;
        }
    }

    private readonly TVolume UpToStep(TVolume volume, int component) =>
        StepRule.UpToStep(volume, _tariff.Components[component], _options, _source.UnitsPerMwh, _source.UnitsPerNs);

    private static TariffDimension DimensionOf(LineKind kind) => kind switch
    {
        LineKind.Energy => TariffDimension.Energy,
        LineKind.ParkingTime => TariffDimension.ParkingTime,
        LineKind.Flat => TariffDimension.Flat,
        _ => TariffDimension.Time,
    };

    private static int Bit(LineKind kind) => kind == LineKind.ReservationTime ? 3 : (int)kind;
}
