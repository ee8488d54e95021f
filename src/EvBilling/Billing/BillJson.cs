using System.Globalization;
using System.Text.Json;
using EvBilling.Events;
using EvBilling.Rating;

namespace EvBilling.Billing;

/// <summary>A bill as JSON (docs/bill.md). Money, prices, quantities and rates are texts, so that no reader takes them through binary fractions.</summary>
public static class BillJson
{
    private static readonly JsonEncodedText[] StatusNames =
        [JsonEncodedText.Encode("open"), JsonEncodedText.Encode("final"), JsonEncodedText.Encode("held"), JsonEncodedText.Encode("void")];

    /// <summary>The status' name in JSON.</summary>
    public static string StatusName(BillStatus status) => StatusNames[(int)status].Value;

    /// <summary>Writes the bill as one JSON object.</summary>
    public static void Write(Utf8JsonWriter writer, Bill bill)
    {
        writer.WriteStartObject();
        writer.WriteString("session_id"u8, bill.SessionId);
        writer.WriteNumber("version"u8, bill.Version);
        writer.WriteString("status"u8, StatusNames[(int)bill.Status]);
        writer.WriteStartArray("flags"u8);
        if (bill.Flags != BillFlag.None)
        {
            foreach (var name in BillFlagNames.Of(bill.Flags))
            {
                writer.WriteStringValue(name);
            }
        }
        writer.WriteEndArray();
        writer.WriteString("location_id"u8, bill.LocationId);
        writer.WriteString("station_id"u8, bill.StationId);
        writer.WriteString("evse_id"u8, bill.EvseId);
        writer.WriteString("connector_id"u8, bill.ConnectorId);
        writer.WriteString("token_id"u8, bill.TokenId);
        writer.WriteString("tariff_id"u8, bill.TariffId);
        writer.WriteString("currency"u8, bill.Currency);
        WriteTime(writer, "started_at"u8, bill.StartedAtNs);
        WriteTime(writer, "ended_at"u8, bill.EndedAtNs);
        if (bill.EnergyMwh is { } energyMwh)
        {
            writer.WriteNumber("energy_wh"u8, Exact.Decimal(energyMwh, 3));
        }
        else
        {
            writer.WriteNull("energy_wh"u8);
        }
        writer.WriteNumber("charging_s"u8, Exact.Decimal(bill.ChargingNs, 9));
        writer.WriteNumber("parking_s"u8, Exact.Decimal(bill.ParkingNs, 9));
        writer.WriteNumber("waiting_s"u8, Exact.Decimal(bill.WaitingNs, 9));
        var format = MoneyFormat(bill.Currency);
        WriteAmount(writer, "total_excl_vat"u8, bill.TotalExclVat, format);
        WriteAmount(writer, "total_incl_vat"u8, bill.TotalInclVat, format);
        writer.WriteStartArray("vat_breakdown"u8);
        foreach (var row in bill.VatBreakdown)
        {
            writer.WriteStartObject();
            WriteAmount(writer, "rate"u8, row.Rate, null);
            WriteAmount(writer, "base"u8, row.Base, format);
            WriteAmount(writer, "amount"u8, row.Amount, format);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("lines"u8);
        foreach (var line in bill.Lines)
        {
            WriteLine(writer, line, format);
        }
        writer.WriteEndArray();
        writer.WriteNumber("readings"u8, bill.Readings);
        writer.WritePropertyName("rating_readings"u8);
        WriteReadings(writer, bill.RatingReadings);
        if (bill.Supersedes is { } supersedes)
        {
            writer.WriteNumber("supersedes"u8, supersedes);
        }
        else
        {
            writer.WriteNull("supersedes"u8);
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes the readings as an object: each name with its value.</summary>
    /// <param name="readings">As <see cref="RatingReadings.Text"/> writes them.</param>
    public static void WriteReadings(Utf8JsonWriter writer, string readings)
    {
        writer.WriteStartObject();
        foreach (var reading in readings.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = reading.IndexOf('=', StringComparison.Ordinal);
            writer.WriteString(reading.AsSpan(0, at), reading.AsSpan(at + 1));
        }
        writer.WriteEndObject();
    }

    /// <summary>The format of a currency's amounts, with all its minor digits; without a currency as many as there are.</summary>
    public static string? MoneyFormat(string? currency) =>
        currency is not null && Currency.TryParse(currency, out var known) ? known.MinorUnits switch { 0 => "0", 3 => "0.000", 4 => "0.0000", _ => "0.00" } : null;

    /// <summary>Writes a line before rounding, as it stands among <c>lines</c>, its amounts with all their digits.</summary>
    /// <param name="isVatKnown">Else the VAT is null.</param>
    public static void WriteLine(Utf8JsonWriter writer, ExactLine line, bool isVatKnown)
    {
        WriteQuantity(writer, line.Line);
        if (line.IsLimit)
        {
            writer.WriteString("unit_price"u8, line.ExclVat.ToString());
        }
        else
        {
            WriteAmount(writer, "unit_price"u8, line.Line.UnitPrice, null);
        }
        writer.WriteNumber("step_size"u8, line.Line.StepSize);
        writer.WriteString("amount_excl_vat"u8, line.ExclVat.ToString());
        WriteAmount(writer, "vat_rate"u8, line.Line.VatRate, null);
        writer.WriteString("amount_vat"u8, isVatKnown ? line.Vat.ToString() : null);
        WritePlaces(writer, line.Line);
    }

    /// <summary>Writes a line as it stands among <c>lines</c>.</summary>
    /// <param name="format">The currency's, see <see cref="MoneyFormat"/>.</param>
    public static void WriteLine(Utf8JsonWriter writer, BillLine line, string? format)
    {
        WriteQuantity(writer, line);
        WriteAmount(writer, "unit_price"u8, line.UnitPrice, null);
        writer.WriteNumber("step_size"u8, line.StepSize);
        WriteAmount(writer, "amount_excl_vat"u8, line.AmountExclVat, format);
        WriteAmount(writer, "vat_rate"u8, line.VatRate, null);
        WriteAmount(writer, "amount_vat"u8, line.AmountVat, format);
        WritePlaces(writer, line);
    }

    private static void WriteQuantity(Utf8JsonWriter writer, BillLine line)
    {
        writer.WriteStartObject();
        writer.WriteString("dimension"u8, line.Dimension);
        WriteTime(writer, "from"u8, line.FromUnixNs);
        WriteTime(writer, "to"u8, line.ToUnixNs);
        WriteAmount(writer, "quantity"u8, line.Quantity, null);
        writer.WriteString("unit"u8, line.Unit);
    }

    private static void WritePlaces(Utf8JsonWriter writer, BillLine line)
    {
        WritePlace(writer, "element"u8, line.Element);
        WritePlace(writer, "component"u8, line.Component);
        writer.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int place)
    {
        if (place == BillLine.NoElement)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteNumber(name, place);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long unixNs)
    {
        Span<byte> text = stackalloc byte[30];
        writer.WriteString(name, text[..Rfc3339.Format(unixNs, text)]);
    }

    private static void WriteAmount(Utf8JsonWriter writer, ReadOnlySpan<byte> name, decimal? amount, string? format)
    {
        if (amount is null)
        {
            writer.WriteNull(name);
            return;
        }
        Span<byte> text = stackalloc byte[64];
        amount.Value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }
}
