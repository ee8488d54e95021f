using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Rating;
using Microsoft.Data.Sqlite;

namespace EvBilling.Storage.Sqlite;

/// <summary>A bill as a row. Lines, VAT and periods are short JSON arrays by position, so that a bill is one small row.</summary>
internal sealed class BillColumns : IDisposable
{
    public const string Names =
        "session_id, version, supersedes, status, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, "
        + "started_at, ended_at, energy_mwh, charging_ns, parking_ns, waiting_ns, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, readings, written_at";

    private const long NsPerMs = 1_000_000;
    private const long MwhPerUnit = 100;

    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private readonly Utf8JsonWriter _writer;

    public BillColumns() => _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });

    public void Bind(SqliteStatement row, Bill bill, long writtenAtUnixSeconds)
    {
        Span<byte> text = stackalloc byte[30];
        row.Add(bill.SessionId).Add(bill.Version).Add(bill.Supersedes).Add((int)bill.Status)
            .Add(bill.Flags == BillFlag.None ? "" : string.Join(',', BillFlagNames.Of(bill.Flags)))
            .Add(bill.LocationId).Add(bill.StationId).Add(bill.EvseId).Add(bill.ConnectorId).Add(bill.TokenId).Add(bill.TariffId).Add(bill.TariffSequence)
            .Add(bill.Currency);
        row.AddText(text[..Rfc3339.Format(bill.StartedAtNs, text)]);
        row.AddText(text[..Rfc3339.Format(bill.EndedAtNs, text)]);
        row.Add(bill.EnergyMwh).Add(bill.ChargingNs).Add(bill.ParkingNs).Add(bill.WaitingNs).Add(Text(bill.TotalExclVat)).Add(Text(bill.TotalInclVat));
        row.AddText(Json(bill, WriteVat));
        row.AddText(Json(bill, WriteLines));
        row.AddText(Json(bill, WritePeriods));
        row.Add(bill.Readings).Add(writtenAtUnixSeconds);
    }

    public static Bill Read(SqliteDataReader row)
    {
        var startedAtNs = Time(row.GetString(13));
        var flags = BillFlag.None;
        foreach (var name in row.GetString(4).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            flags |= BillFlagNames.Parse(name);
        }
        return new Bill
        {
            SessionId = row.GetString(0),
            Version = row.GetInt32(1),
            Supersedes = row.IsDBNull(2) ? null : row.GetInt32(2),
            Status = (BillStatus)row.GetInt32(3),
            Flags = flags,
            LocationId = Nullable(row, 5),
            StationId = Nullable(row, 6),
            EvseId = Nullable(row, 7),
            ConnectorId = Nullable(row, 8),
            TokenId = Nullable(row, 9),
            TariffId = Nullable(row, 10),
            TariffSequence = row.IsDBNull(11) ? null : row.GetInt64(11),
            Currency = Nullable(row, 12),
            StartedAtNs = startedAtNs,
            EndedAtNs = Time(row.GetString(14)),
            EnergyMwh = row.IsDBNull(15) ? null : row.GetInt64(15),
            ChargingNs = row.GetInt64(16),
            ParkingNs = row.GetInt64(17),
            WaitingNs = row.GetInt64(18),
            TotalExclVat = Amount(Nullable(row, 19)),
            TotalInclVat = Amount(Nullable(row, 20)),
            VatBreakdown = Rows(row.GetString(21), array => new VatRow(Amount(array[0].GetString()), Amount(array[1].GetString())!.Value, Amount(array[2].GetString())!.Value)),
            Lines = Rows(row.GetString(22), array => ReadLine(array, startedAtNs)),
            Periods = Rows(row.GetString(23), array => new RatingPeriod(
                PeriodCutter.RoundToMs(startedAtNs) + (array[0].GetInt64() * NsPerMs), array[1].GetInt64() * MwhPerUnit, array[2].GetInt64() * NsPerMs, array[3].GetInt64() * NsPerMs)),
            Readings = row.GetInt32(24),
            WrittenAtUnixSeconds = row.GetInt64(25),
        };
    }

    public void Dispose() => _writer.Dispose();

    private ReadOnlySpan<byte> Json(Bill bill, Action<Utf8JsonWriter, Bill> write)
    {
        _json.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartArray();
        write(_writer, bill);
        _writer.WriteEndArray();
        _writer.Flush();
        return _json.WrittenSpan;
    }

    private static void WriteVat(Utf8JsonWriter writer, Bill bill)
    {
        foreach (var row in bill.VatBreakdown)
        {
            writer.WriteStartArray();
            Write(writer, row.Rate);
            Write(writer, row.Base);
            Write(writer, row.Amount);
            writer.WriteEndArray();
        }
    }

    // [dimension, from, to (ms since the start), quantity, measured, unit price, step, amount, VAT rate, VAT, element, component]
    private static void WriteLines(Utf8JsonWriter writer, Bill bill)
    {
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        foreach (var line in bill.Lines)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(line.Dimension);
            writer.WriteNumberValue((line.FromUnixNs - startNs) / NsPerMs);
            writer.WriteNumberValue((line.ToUnixNs - startNs) / NsPerMs);
            Write(writer, line.Quantity);
            Write(writer, line.MeasuredQuantity);
            Write(writer, line.UnitPrice);
            writer.WriteNumberValue(line.StepSize);
            Write(writer, line.AmountExclVat);
            Write(writer, line.VatRate);
            Write(writer, line.AmountVat);
            writer.WriteNumberValue(line.Element);
            writer.WriteNumberValue(line.Component);
            writer.WriteEndArray();
        }
    }

    private static BillLine ReadLine(JsonElement array, long startedAtNs)
    {
        var startNs = PeriodCutter.RoundToMs(startedAtNs);
        var dimension = array[0].GetString()!;
        return new BillLine
        {
            Dimension = dimension,
            FromUnixNs = startNs + (array[1].GetInt64() * NsPerMs),
            ToUnixNs = startNs + (array[2].GetInt64() * NsPerMs),
            Quantity = Amount(array[3].GetString())!.Value,
            MeasuredQuantity = Amount(array[4].GetString())!.Value,
            Unit = BillLine.UnitOf(dimension),
            UnitPrice = Amount(array[5].GetString())!.Value,
            StepSize = array[6].GetInt64(),
            AmountExclVat = Amount(array[7].GetString())!.Value,
            VatRate = Amount(array[8].GetString()),
            AmountVat = Amount(array[9].GetString()),
            Element = array[10].GetInt32(),
            Component = array[11].GetInt32(),
        };
    }

    // [start (ms since the session's), energy (0.1 Wh), TIME (ms), PARKING_TIME (ms)]
    private static void WritePeriods(Utf8JsonWriter writer, Bill bill)
    {
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        foreach (var period in bill.Periods)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue((period.StartUnixNs - startNs) / NsPerMs);
            writer.WriteNumberValue(period.EnergyMwh / MwhPerUnit);
            writer.WriteNumberValue(period.TimeNs / NsPerMs);
            writer.WriteNumberValue(period.ParkingTimeNs / NsPerMs);
            writer.WriteEndArray();
        }
    }

    private static void Write(Utf8JsonWriter writer, decimal? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
            return;
        }
        Span<byte> text = stackalloc byte[40];
        value.Value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    private static T[] Rows<T>(string json, Func<JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(read)];
    }

    private static string? Nullable(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string? Text(decimal? amount) => amount?.ToString(CultureInfo.InvariantCulture);

    private static decimal? Amount(string? text) => text is null ? null : decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);

    private static long Time(string text) => Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var unixNs, out _)
        ? unixNs
        : throw new FormatException($"A stored time is malformed: {text}.");
}
