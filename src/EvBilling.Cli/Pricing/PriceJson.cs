using System.Globalization;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>The answer to a case: exact, or rounded to the currency's minor unit.</summary>
internal sealed class PriceJson
{
    private static readonly (string Name, TariffDimension Dimension)[] Parts =
        [("energy", TariffDimension.Energy), ("time", TariffDimension.Time), ("parking", TariffDimension.ParkingTime), ("fixed", TariffDimension.Flat)];

    private readonly PricedCdr _priced;
    private readonly RatedAmounts? _rounded;
    private readonly IReadOnlyList<ExactLine> _lines;
    private readonly RatingTotals _totals;
    private readonly string? _format;

    /// <summary>Works out all that is written.</summary>
    /// <exception cref="PricingException">An amount has too many digits.</exception>
    public PriceJson(PricedCdr priced, bool isRounded)
    {
        _priced = priced;
        _rounded = isRounded ? Rounded(priced) : null;
        _lines = Checked(() => BillAmounts.LinesUnrounded(priced.Result, priced.Cdr.Periods));
        _totals = RatingTotals.Of(priced.Result);
        _format = isRounded ? BillJson.MoneyFormat(priced.Tariff.Currency.Code) : null;
    }

    /// <summary>The amounts as a bill states them.</summary>
    /// <exception cref="PricingException">An amount has too many digits.</exception>
    public static RatedAmounts Rounded(PricedCdr priced) => Checked(() => BillAmounts.Round(priced.Result, priced.Cdr.Periods));

    /// <summary>Writes the members after id.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("status"u8, "ok"u8);
        writer.WriteNull("error"u8);
        writer.WriteString("currency"u8, _priced.Tariff.Currency.Code);
        WriteTotal(writer);
        foreach (var (name, dimension) in Parts)
        {
            if (RatingTotals.Of(_priced.Result, dimension) is not { } part)
            {
                writer.WriteNull(name);
            }
            else if (_rounded is null)
            {
                Write(writer, name, part.ExclVat.ToString(), part.InclVat?.ToString());
            }
            else
            {
                WriteRounded(writer, name, dimension, _rounded);
            }
        }
        writer.WriteStartObject("billed"u8);
        writer.WriteString("energy_kwh"u8, Billed("ENERGY", 1));
        writer.WriteString("time_s"u8, Billed("TIME", 3600, "RESERVATION_TIME"));
        writer.WriteString("parking_s"u8, Billed("PARKING_TIME", 3600));
        writer.WriteEndObject();
        writer.WriteNumber("tariff_index"u8, _priced.Result.TariffIndex);
        writer.WriteStartArray("flags"u8);
        foreach (var name in _priced.Flags)
        {
            writer.WriteStringValue(name);
        }
        writer.WriteEndArray();
        WriteLines(writer);
    }

    /// <summary>Writes the members after id for what can't be priced.</summary>
    public static void WriteError(Utf8JsonWriter writer, string error)
    {
        writer.WriteString("status"u8, "error"u8);
        writer.WriteString("error"u8, error);
        foreach (var name in new[] { "currency", "total", "energy", "time", "parking", "fixed", "billed", "tariff_index" })
        {
            writer.WriteNull(name);
        }
        writer.WriteStartArray("flags"u8);
        writer.WriteEndArray();
        writer.WriteStartArray("lines"u8);
        writer.WriteEndArray();
    }

    private static T Checked<T>(Func<T> amounts)
    {
        try
        {
            return amounts();
        }
        catch (OverflowException)
        {
            throw new PricingException("/cdr/charging_periods: volumes and prices together give an amount of more digits than can be shown; please state what was measured.");
        }
    }

    private void WriteTotal(Utf8JsonWriter writer)
    {
        if (_rounded is null)
        {
            Write(writer, "total", _totals.ExclVat.ToString(), _totals.InclVat?.ToString());
            return;
        }
        var sign = _priced.Cdr.IsCredit && _priced.Tariff.Options.Credit == CreditRule.Negated ? -1 : 1;
        Write(writer, "total", Money(sign * _rounded.TotalExclVat), _rounded.TotalInclVat is { } incl ? Money(sign * incl) : null);
    }

    private void WriteLines(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("lines"u8);
        if (_rounded is not null)
        {
            foreach (var line in _rounded.Lines)
            {
                BillJson.WriteLine(writer, line, _format);
            }
        }
        else
        {
            foreach (var line in _lines)
            {
                BillJson.WriteLine(writer, line, _totals.InclVat is not null);
            }
        }
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, string excl, string? incl)
    {
        writer.WriteStartObject(name);
        writer.WriteString("excl"u8, excl);
        writer.WriteString("incl"u8, incl);
        writer.WriteEndObject();
    }

    // The sums of the rounded lines, so that parts add up to the total, as in a CDR that is made of a bill.
    private void WriteRounded(Utf8JsonWriter writer, string name, TariffDimension dimension, RatedAmounts rounded)
    {
        var other = dimension == TariffDimension.Time ? "RESERVATION_TIME" : null;
        var lines = rounded.Lines.Where(line => line.Element != BillLine.NoElement && (line.Dimension == dimension.OcpiName() || line.Dimension == other)).ToList();
        var excl = lines.Sum(line => line.AmountExclVat);
        Write(writer, name, Money(excl), rounded.TotalInclVat is null ? null : Money(excl + lines.Sum(line => line.AmountVat ?? 0)));
    }

    private string Money(decimal amount) => amount.ToString(_format, CultureInfo.InvariantCulture);

    // What step_size made of it; volumes that no component priced are not billed.
    private string Billed(string dimension, long factor, string? other = null)
    {
        var sum = ExactRatio.Zero;
        foreach (var line in _lines)
        {
            if (line.Line.Dimension == dimension || line.Line.Dimension == other)
            {
                sum += line.Billed;
            }
        }
        return (sum * ExactRatio.Of(factor)).ToString();
    }
}
