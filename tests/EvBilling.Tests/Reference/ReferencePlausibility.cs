using System.Numerics;

namespace EvBilling.Tests.Reference;

/// <summary>Whether a connector can have given so much energy in such a time.</summary>
internal static class ReferencePlausibility
{
    /// <summary>Exact: mWh x 3600 s against W x 1000 x ns, the power's decimals multiplied away on both sides.</summary>
    public static bool Exceeds(decimal energyMwh, decimal? maxPowerW, long nanoseconds)
    {
        decimal power = maxPowerW ?? 400_000;
        BigInteger scale = BigInteger.Pow(10, power.Scale);
        var powerScaled = new BigInteger(decimal.GetBits(power) is [var low, var middle, var high, _]
            ? new decimal(low, middle, high, power < 0, 0)
            : throw new InvalidOperationException());
        BigInteger allowed = powerScaled * 1000 * Math.Max(nanoseconds, 60 * ReferenceTime.Second);
        return (BigInteger)energyMwh * 3600 * ReferenceTime.Second * scale > allowed;
    }

    /// <summary>Two events of which the later by sequence number is the earlier by its clock, by more than a minute.</summary>
    public static bool HasClockJump(List<ReferenceEvent> events) =>
        events.Any(a => events.Any(b => a.SequenceNumber < b.SequenceNumber && a.At - b.At > 60 * ReferenceTime.Second));
}
