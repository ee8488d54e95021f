using System.Globalization;

namespace EvBilling;

/// <summary>
/// An exact amount of a currency; not rounded by itself (rounding has one place, <see cref="Rating.BillAmounts"/>).
/// <c>default</c> is nothing of no currency; two are equal if amount and currency are; amounts of two currencies are never added.
/// </summary>
public readonly record struct Money(decimal Amount, Currency Currency)
{
    public static Money Zero(Currency currency) => new(0, currency);

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    /// <exception cref="OverflowException">The sum does not fit in a decimal.</exception>
    public static Money operator +(Money left, Money right) => new(left.Amount + right.Amount, Common(left, right));

    /// <inheritdoc cref="op_Addition"/>
    public static Money operator -(Money left, Money right) => new(left.Amount - right.Amount, Common(left, right));

    public static Money operator -(Money money) => new(-money.Amount, money.Currency);

    /// <summary>"12.50 EUR": at least the currency's digits, more where the amount has more.</summary>
    public override string ToString()
    {
        var digits = Math.Max(Currency.MinorUnits, Exact.Trim(Amount).Scale);
        return $"{Amount.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)} {Currency}";
    }

    private static Currency Common(Money left, Money right) =>
        left.Currency == right.Currency
            ? left.Currency
            : throw new InvalidOperationException($"{left.Currency} and {right.Currency} are two currencies; amounts of both cannot be added.");
}
