using System.Runtime.CompilerServices;
using EvBilling.Json;
using EvBilling.Rating;

namespace EvBilling.Cdrs;

/// <summary>The dimensions of a charging period that <see cref="QuickCdrReader"/> reads.</summary>
internal ref struct QuickVolumes
{
    private const int MwhDecimals = 6;
    private const int NanoDecimals = 9;

    // An hour is 36 * 10^11 ns.
    private const int HourDecimals = 11;
    private const int HourFactor = 36;

    private const Dimension Measured = Dimension.MinPower | Dimension.MaxPower | Dimension.MinCurrent | Dimension.MaxCurrent;

    private Dimension _stated;
    private long _minPower;
    private long _maxPower;
    private long _minCurrent;
    private long _maxCurrent;

    [Flags]
    private enum Dimension
    {
        /// <summary>It decides no price.</summary>
        None = 0,
        Energy = PeriodVolumes.Energy,
        Time = PeriodVolumes.Time,
        ParkingTime = PeriodVolumes.ParkingTime,
        ReservationTime = PeriodVolumes.ReservationTime,
        MinPower = 16,
        MaxPower = 32,
        MinCurrent = 64,
        MaxCurrent = 128,

        /// <summary>It may be one that is written in another way.</summary>
        Odd = 256,
    }

    public long EnergyMwh { get; private set; }

    public long TimeNs { get; private set; }

    public long ParkingTimeNs { get; private set; }

    public long ReservationTimeNs { get; private set; }

    public readonly PeriodVolumes Rated => (PeriodVolumes)(_stated & ~Measured);

    public readonly bool AreMeasured => (_stated & Measured) != 0;

    public readonly PeriodMeasures Measures => PeriodMeasures.Of(_minPower, _maxPower, _minCurrent, _maxCurrent);

    /// <summary>Makes it ready for the next period.</summary>
    public void Clear()
    {
        _stated = Dimension.None;
        _minPower = _maxPower = _minCurrent = _maxCurrent = long.MinValue;
        EnergyMwh = TimeNs = ParkingTimeNs = ReservationTimeNs = 0;
    }

    /// <summary>Reads the list of a period's dimensions, or null.</summary>
    public ref byte Read(ref byte at, scoped in PaddedText text)
    {
        if (at != '[')
        {
            return ref at == 'n' ? ref JsonScanner.Literal(ref at) : ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        while (true)
        {
            at = ref ReadOne(ref at, text);
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
    }

    // As nearly all are written: {"type":"ENERGY","volume":16.335}
    private ref byte ReadOne(ref byte at, scoped in PaddedText text)
    {
        switch (Unsafe.Add(ref at, 9))
        {
            case (byte)'E' when JsonScanner.StartsWith(ref at, "{\"type\":\"ENERGY\",\"volume\":"u8):
                return ref ReadVolume(Dimension.Energy, ref at, 26, text);
            case (byte)'T' when JsonScanner.StartsWith(ref at, "{\"type\":\"TIME\",\"volume\":"u8):
                return ref ReadVolume(Dimension.Time, ref at, 24, text);
            case (byte)'P' when JsonScanner.StartsWith(ref at, "{\"type\":\"PARKING_TIME\",\"volume\":"u8):
                return ref ReadVolume(Dimension.ParkingTime, ref at, 32, text);
            case (byte)'M' when JsonScanner.StartsWith(ref at, "{\"type\":\"MAX_POWER\",\"volume\":"u8):
                return ref ReadVolume(Dimension.MaxPower, ref at, 29, text);
            case (byte)'M' when JsonScanner.StartsWith(ref at, "{\"type\":\"MIN_POWER\",\"volume\":"u8):
                return ref ReadVolume(Dimension.MinPower, ref at, 29, text);
            case (byte)'M' when JsonScanner.StartsWith(ref at, "{\"type\":\"MAX_CURRENT\",\"volume\":"u8):
                return ref ReadVolume(Dimension.MaxCurrent, ref at, 31, text);
            case (byte)'M' when JsonScanner.StartsWith(ref at, "{\"type\":\"MIN_CURRENT\",\"volume\":"u8):
                return ref ReadVolume(Dimension.MinCurrent, ref at, 31, text);
            default:
                return ref ReadMembers(ref at, text);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte ReadVolume(Dimension dimension, ref byte at, int further, scoped in PaddedText text)
    {
        if ((_stated & dimension) == 0)
        {
            ref var behind = ref PlainNumber.Read(ref Unsafe.Add(ref at, further), out var number);
            if (behind == '}' && TryTake(dimension, number))
            {
                return ref Unsafe.Add(ref behind, 1);
            }
        }
        return ref ReadMembers(ref at, text);
    }

    private ref byte ReadMembers(ref byte at, scoped in PaddedText text)
    {
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var seen = new MemberNames(text, 4);
        var dimension = Dimension.Odd;
        var (number, isNumber) = (default(PlainNumber), false);
        bool isLast;
        at = ref JsonScanner.Next(ref at, 1);
        do
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            if (!seen.TryAdd(name))
            {
                return ref JsonScanner.Nowhere;
            }
            if (name.Length == 4 && at == '"' && name.Is("type"u8))
            {
                ref var first = ref Unsafe.Add(ref at, 1);
                ref var end = ref text.Quote(ref first);
                dimension = Find(new(ref first, JsonScanner.Distance(ref first, ref end)));
                at = ref end == '"' ? ref Unsafe.Add(ref end, 1) : ref JsonScanner.Nowhere;
            }
            else if (name.Length == 6 && at is (byte)'-' or (>= (byte)'0' and <= (byte)'9') && name.Is("volume"u8))
            {
                isNumber = true;
                at = ref PlainNumber.Read(ref at, out number);
            }
            else
            {
                at = ref JsonScanner.Skip(ref at, text, 5);
            }
            at = ref JsonScanner.NextMember(ref at, out isLast);
        }
        while (!isLast);
        var isTaken = dimension == Dimension.None || ((dimension & (_stated | Dimension.Odd)) == 0 && isNumber && TryTake(dimension, number));
        return ref isTaken ? ref at : ref JsonScanner.Nowhere;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Dimension Find(in MemberName type)
    {
        switch (type.Length)
        {
            case 4 when type.Is("TIME"u8):
                return Dimension.Time;
            case 6 when type.Is("ENERGY"u8):
                return Dimension.Energy;
            case 9 when type.Is("MAX_POWER"u8):
                return Dimension.MaxPower;
            case 9 when type.Is("MIN_POWER"u8):
                return Dimension.MinPower;
            case 11 when type.Is("MAX_CURRENT"u8):
                return Dimension.MaxCurrent;
            case 11 when type.Is("MIN_CURRENT"u8):
                return Dimension.MinCurrent;
            case 12 when type.Is("PARKING_TIME"u8):
                return Dimension.ParkingTime;
            case 16 when type.Is("RESERVATION_TIME"u8):
                return Dimension.ReservationTime;
            default:
                return IsUnpriced(type) ? Dimension.None : Dimension.Odd;
        }
    }

    // Those of OCPI that decide no price; of any other a flag tells.
    private static bool IsUnpriced(in MemberName type) => type.Length switch
    {
        4 => type.Is("FLAT"u8),
        5 => type.Is("POWER"u8),
        7 => type.Is("CURRENT"u8),
        13 => type.Is("ENERGY_EXPORT"u8) || type.Is("ENERGY_IMPORT"u8),
        15 => type.Is("STATE_OF_CHARGE"u8),
        _ => false,
    };

    /// <summary>False: a number that does not fit, or that something is to be said about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryTake(Dimension dimension, in PlainNumber number)
    {
        long value;
        bool isTaken;
        switch (dimension)
        {
            case Dimension.Energy:
                isTaken = number.TryScale(MwhDecimals, out value);
                EnergyMwh = value;
                break;
            case Dimension.Time:
                isTaken = TryHours(number, out value);
                TimeNs = value;
                break;
            case Dimension.ParkingTime:
                isTaken = TryHours(number, out value);
                ParkingTimeNs = value;
                break;
            case Dimension.ReservationTime:
                isTaken = TryHours(number, out value);
                ReservationTimeNs = value;
                break;
            case Dimension.MinPower:
                isTaken = number.TryScale(NanoDecimals, out _minPower);
                break;
            case Dimension.MaxPower:
                isTaken = number.TryScale(NanoDecimals, out _maxPower);
                break;
            case Dimension.MinCurrent:
                isTaken = number.TryScale(NanoDecimals, out _minCurrent);
                break;
            default:
                isTaken = number.TryScale(NanoDecimals, out _maxCurrent);
                break;
        }
        _stated |= isTaken ? dimension : Dimension.None;
        return isTaken;
    }

    private static bool TryHours(in PlainNumber hours, out long ns)
    {
        var isScaled = hours.TryScale(HourDecimals, out var scaled);
        ns = unchecked(scaled * HourFactor);
        return isScaled && scaled is >= 0 and <= long.MaxValue / HourFactor;
    }
}
