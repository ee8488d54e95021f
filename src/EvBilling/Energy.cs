using System.Globalization;

namespace EvBilling;

/// <summary>
/// An amount of energy, exact to the milliwatt-hour (1 mWh = 0.001 Wh = 0.000001 kWh).
/// <c>default</c> is zero; equality and order are those of the number of mWh; arithmetic is checked.
/// </summary>
public readonly record struct Energy(long MilliwattHours) : IComparable<Energy>
{
    public static Energy Zero => default;

    public static Energy FromWattHours(long wattHours) => new(wattHours * 1000);

    /// <summary>Watt-hours, at most three decimals.</summary>
    public decimal WattHours => Exact.Decimal(MilliwattHours, 3);

    /// <summary>Kilowatt-hours, at most six decimals.</summary>
    public decimal KilowattHours => Exact.Decimal(MilliwattHours, 6);

    public int CompareTo(Energy other) => MilliwattHours.CompareTo(other.MilliwattHours);

    public static Energy operator +(Energy left, Energy right) => new(left.MilliwattHours + right.MilliwattHours);

    public static Energy operator -(Energy left, Energy right) => new(left.MilliwattHours - right.MilliwattHours);

    public static bool operator <(Energy left, Energy right) => left.MilliwattHours < right.MilliwattHours;

    public static bool operator >(Energy left, Energy right) => left.MilliwattHours > right.MilliwattHours;

    public static bool operator <=(Energy left, Energy right) => left.MilliwattHours <= right.MilliwattHours;

    public static bool operator >=(Energy left, Energy right) => left.MilliwattHours >= right.MilliwattHours;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{WattHours} Wh");
}
