namespace EvBilling.Simulator;

/// <summary>A car's battery while it charges. Energy is in joules (watts times seconds): whole numbers without rounding.</summary>
internal struct Battery
{
    private const int JoulesPerWh = 3_600;

    private readonly ChargingCurve _curve;
    private readonly int _limitW;
    private readonly long _perMilleJ;
    private readonly long _targetJ;
    private long _chargeJ;

    public Battery(in Visit visit)
    {
        _curve = visit.Curve;
        _limitW = visit.LimitW;
        _perMilleJ = (long)visit.CapacityWh * JoulesPerWh / 1_000;
        _targetJ = _perMilleJ * visit.TargetPerMille;
        _chargeJ = _perMilleJ * visit.ArrivalPerMille;
    }

    /// <summary>Joules until it takes no more.</summary>
    public readonly long MissingJ => _targetJ - _chargeJ;

    /// <summary>The power it takes now, W.</summary>
    public readonly int PowerW => Math.Min(_limitW, _curve.PowerW((int)(_chargeJ / _perMilleJ)));

    /// <summary>Charges with constant power for up to so many seconds. Returns the seconds it took: fewer if the target was reached.</summary>
    public int Charge(int powerW, int seconds, out long energyJ)
    {
        energyJ = (long)powerW * seconds;
        if (energyJ >= MissingJ)
        {
            energyJ = MissingJ;
            seconds = (int)((energyJ + powerW - 1) / powerW);
        }

        _chargeJ += energyJ;
        return seconds;
    }
}
