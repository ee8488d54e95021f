using System.Globalization;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;
using EvBilling.Tariffs;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Cli.Explain;

/// <summary>Times, amounts and names as a person reads them. Nothing is rounded silently: what is cut short ends in "...".</summary>
internal static class Words
{
    private const int DecimalsMax = 6;

    private static readonly LocalDateTimePattern Local = LocalDateTimePattern.CreateWithInvariantCulture("uuuu'-'MM'-'dd HH':'mm':'ss;FFFFFFFFF");

    /// <summary>"2026-01-05 06:08:50" in UTC.</summary>
    public static string Time(long unixNs) => Rfc3339.Format(unixNs).Replace('T', ' ').TrimEnd('Z');

    public static string Utc(long unixNs) => Time(unixNs) + " UTC";

    public static string Utc(Instant instant) => $"{Local.Format(instant.InUtc().LocalDateTime)} UTC";

    /// <summary>"2026-01-05 07:08:50 (+01)".</summary>
    public static string LocalTime(long unixNs, DateTimeZone zone)
    {
        var there = (Instant.FromUnixTimeTicks(0) + NodaTime.Duration.FromNanoseconds(unixNs)).InZone(zone);
        return $"{Local.Format(there.LocalDateTime)} ({there.Offset})";
    }

    /// <summary>In UTC and, where the zone is known, in local time.</summary>
    public static string Moment(long unixNs, DateTimeZone? zone) => zone is null ? Utc(unixNs) : $"{Utc(unixNs)}, local {LocalTime(unixNs, zone)}";

    /// <summary>"0:10:43", hours without limit, a fraction of a second only where there is one.</summary>
    public static string Duration(long ns)
    {
        var (seconds, rest) = Math.DivRem(Math.Abs(ns), Rfc3339.NsPerSecond);
        var fraction = rest == 0 ? "" : "." + rest.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{(ns < 0 ? "-" : "")}{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}{fraction}");
    }

    public static string Kwh(long mwh) => Number(Exact.Decimal(mwh, 6)) + " kWh";

    public static string Power(long milliwatts) => Number(Exact.Decimal(milliwatts, 6)) + " kW";

    public static string Number(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>At most six decimals; more are cut, not rounded.</summary>
    public static string Cut(decimal number)
    {
        var cut = decimal.Round(number, DecimalsMax, MidpointRounding.ToZero);
        return cut == number ? Number(Exact.Trim(number)) : cut.ToString("F6", CultureInfo.InvariantCulture) + "...";
    }

    /// <summary>"12.50 EUR": an amount of a bill, with the currency's digits.</summary>
    public static string Money(decimal amount, string? currency) =>
        $"{amount.ToString(BillJson.MoneyFormat(currency) ?? "", CultureInfo.InvariantCulture)} {currency}".TrimEnd();

    /// <summary>"0.35 EUR", "0.4275 EUR": a price or an exact amount, with the currency's digits or more.</summary>
    public static string ExactMoney(decimal amount, string? currency)
    {
        var digits = currency is not null && Currency.TryParse(currency, out var known) ? known.MinorUnits : 0;
        var trimmed = Exact.Trim(amount);
        return (trimmed.Scale <= digits ? Money(trimmed, currency) : $"{Cut(trimmed)} {currency}").TrimEnd();
    }

    /// <summary>"21 %", or that there is none.</summary>
    public static string Percent(decimal? rate) => rate is { } percent ? $"{Number(percent)} %" : "none";

    public static string Of(BillStatus status) => status switch
    {
        BillStatus.Open => "open",
        BillStatus.Final => "final",
        BillStatus.Held => "HELD",
        _ => "void",
    };

    public static string Of(StretchKind? kind) => kind switch
    {
        StretchKind.Charging => "charging",
        StretchKind.Parking => "parking",
        StretchKind.Waiting => "waiting",
        _ => "too short to bill",
    };

    public static string Of(TariffDimension dimension) => Of(dimension.OcpiName());

    /// <summary>What OCPI's dimension is called on a bill.</summary>
    public static string Of(string dimension) => dimension switch
    {
        "ENERGY" => "Energy",
        "TIME" => "Charging time",
        "PARKING_TIME" => "Parking time",
        "FLAT" => "Per session",
        "RESERVATION_TIME" => "Reservation",
        "MIN_PRICE" => "Up to the least price",
        "MAX_PRICE" => "Down to the greatest price",
        _ => dimension,
    };

    public static string Quantity(string dimension, decimal quantity) => dimension switch
    {
        "ENERGY" => $"{Number(quantity)} kWh",
        "FLAT" => "1 session",
        _ => Duration(Ns(quantity)),
    };

    /// <summary>Volume in mWh or nanoseconds.</summary>
    public static string Volume(string dimension, long volume) => dimension == "ENERGY" ? Kwh(volume) : Duration(volume);

    /// <summary>"100 Wh", "0:05:00 (300 s)".</summary>
    public static string Step(string dimension, long step) =>
        dimension == "ENERGY" ? $"{Number(step)} Wh" : $"{Duration(step * Rfc3339.NsPerSecond)} ({Number(step)} s)";

    /// <summary>"1.20 EUR per hour".</summary>
    public static string Price(string dimension, decimal price, string? currency) =>
        ExactMoney(price, currency) + (dimension switch { "ENERGY" => " per kWh", "FLAT" => " per session", _ => " per hour" });

    public static string Count(long number, string one, string several) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : several)}");

    // Billed times lie on whole milliseconds, so that an hour's endless decimals lead back to one of them.
    private static long Ns(decimal hours) => (long)decimal.Round(hours * 3_600_000m) * 1_000_000;
}
