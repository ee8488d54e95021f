using System.Numerics;
using EvBilling.Tariffs;

namespace EvBilling.Rating;

/// <summary>Exact totals of a rated session, in the currency, not rounded.</summary>
/// <param name="ExclVat">Without VAT.</param>
/// <param name="InclVat">With VAT; null = the VAT is not known.</param>
public readonly record struct RatingTotals(ExactRatio ExclVat, ExactRatio? InclVat)
{
    /// <summary>The session's: after min_price and max_price; of a credit CDR negative, by rule <c>credit</c>.</summary>
    public static RatingTotals Of(RatingResult result)
    {
        var totals = result.Clamped is { } clamped ? new RatingTotals(clamped.ExclVat, clamped.InclVat) : BeforeLimits(result);
        return result.IsCredit && Compiled(result).Options.Credit == CreditRule.Negated ? new(-totals.ExclVat, totals.InclVat is { } incl ? -incl : null) : totals;
    }

    /// <summary>Those of the lines of one dimension: ENERGY, TIME (reservations too), PARKING_TIME, FLAT; null = none was priced.</summary>
    public static RatingTotals? Of(RatingResult result, TariffDimension dimension)
    {
        var tariff = Compiled(result);
        var amounts = Amounts.Of(result);
        var (excl, incl, isAny) = (ExactRatio.Zero, ExactRatio.Zero, false);
        for (var i = 0; i < amounts.Count; i++)
        {
            var component = tariff.Components[amounts.ComponentOf(i)];
            if (component.Dimension == dimension)
            {
                var amount = amounts.AmountOf(i);
                excl += Net(amount, tariff.VatRates[component.VatIndex], tariff);
                incl += Gross(amount, tariff.VatRates[component.VatIndex], tariff);
                isAny = true;
            }
        }
        return isAny ? new(excl, result.IsVatKnown ? incl : null) : null;
    }

    /// <summary>Before min_price and max_price.</summary>
    internal static RatingTotals BeforeLimits(RatingResult result)
    {
        var tariff = Compiled(result);
        var (excl, incl) = (ExactRatio.Zero, ExactRatio.Zero);
        for (var i = 0; i < tariff.VatRates.Length; i++)
        {
            var amount = SumOf(result, i);
            if (!amount.IsZero)
            {
                excl += Net(amount, tariff.VatRates[i], tariff);
                incl += Gross(amount, tariff.VatRates[i], tariff);
            }
        }
        return new(excl, result.IsVatKnown ? incl : null);
    }

    /// <summary>What the lines of a VAT rate cost, as the tariff states its prices.</summary>
    internal static ExactRatio SumOf(RatingResult result, int vatIndex) => result.IsLong
        ? new ExactRatio(result.Long.SumByVat[vatIndex], result.Long.Denominator)
        : new ExactRatio((BigInteger)result.SumByVat[vatIndex], (BigInteger)result.Denominator);

    internal static ExactRatio Net(ExactRatio stated, VatRate rate, CompiledTariff tariff) =>
        tariff.IsGrossPriced ? stated / Factor(rate, tariff) : stated;

    internal static ExactRatio Gross(ExactRatio stated, VatRate rate, CompiledTariff tariff) =>
        tariff.IsGrossPriced ? stated : stated * Factor(rate, tariff);

    private static ExactRatio Factor(VatRate rate, CompiledTariff tariff) =>
        new((BigInteger)(tariff.HundredPercent + rate.Weight), (BigInteger)tariff.HundredPercent);

    private static CompiledTariff Compiled(RatingResult result) =>
        result is { Outcome: RatingOutcome.Priced, Tariff: { } tariff }
            ? tariff
            : throw new InvalidOperationException($"There is no price: {(result.Tariff is null ? "nothing was rated" : result.Outcome)}.");
}

/// <summary>The lines' amounts as exact numbers, whether the lines are short or long.</summary>
internal readonly ref struct Amounts(RatingResult result)
{
    private readonly CompiledTariff _tariff = result.Tariff!;

    public int Count => result.LineCount;

    public static Amounts Of(RatingResult result) => new(result);

    public int ComponentOf(int line) => result.IsLong ? result.Long.Lines[line].Component : result.Lines[line].Component;

    public LineKind KindOf(int line) => result.IsLong ? result.Long.Lines[line].Kind : result.Lines[line].Kind;

    public (int First, int End) PeriodsOf(int line) => result.IsLong
        ? (result.Long.Lines[line].FirstPeriod, result.Long.Lines[line].EndPeriod)
        : (result.Lines[line].FirstPeriod, result.Lines[line].EndPeriod);

    /// <summary>As the tariff states its prices.</summary>
    public ExactRatio AmountOf(int line)
    {
        var component = _tariff.Components[ComponentOf(line)];
        return result.IsLong
            ? new ExactRatio(AmountPass.LongNumerator(result.Long.Lines[line], component), result.Long.Denominator)
            : new ExactRatio((BigInteger)AmountPass.Numerator(result.Lines[line], component, result), (BigInteger)result.Denominator);
    }

    /// <summary>What was measured and what is billed, in kWh, hours or sessions.</summary>
    public (ExactRatio Measured, ExactRatio Billed) QuantitiesOf(int line)
    {
        var (measured, billed) = result.IsLong
            ? (result.Long.Lines[line].Measured, result.Long.Lines[line].Billed)
            : (result.Lines[line].Measured, result.Lines[line].Billed);
        var unit = KindOf(line) switch
        {
            LineKind.Energy => result.IsLong ? WideVolumes.UnitsPerMwh * 1_000_000 : 1_000_000,
            LineKind.Flat => BigInteger.One,
            _ => result.IsLong ? WideVolumes.UnitsPerNs * 3_600_000_000_000 : 3_600_000_000_000,
        };
        return (new(measured, unit), new(billed, unit));
    }
}
