using System.Buffers;
using System.Globalization;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Rating;

namespace EvBilling.Storage;

/// <summary>
/// The parts of a bill that are lists, as short JSON arrays by position, so that a bill is one small row. A text that was written is valid until the next one is.
/// </summary>
internal sealed class BillDocument : IDisposable
{
    private const long NsPerMs = 1_000_000;
    private const long MwhPerUnit = 100;

    private readonly ArrayBufferWriter<byte> _json = new(1024);
    private readonly Utf8JsonWriter _writer;

    public BillDocument() => _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });

    /// <summary>[[rate, base, amount], ...]</summary>
    public ReadOnlySpan<byte> Vat(Bill bill)
    {
        Begin();
        foreach (var row in bill.VatBreakdown)
        {
            _writer.WriteStartArray();
            Write(row.Rate);
            Write(row.Base);
            Write(row.Amount);
            _writer.WriteEndArray();
        }
        return End();
    }

    /// <summary>[[dimension, from, to (ms since the start), quantity, measured, unit price, step, amount, VAT rate, VAT, element, component], ...]</summary>
    public ReadOnlySpan<byte> Lines(Bill bill)
    {
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        Begin();
        foreach (var line in bill.Lines)
        {
            _writer.WriteStartArray();
            _writer.WriteStringValue(line.Dimension);
            _writer.WriteNumberValue((line.FromUnixNs - startNs) / NsPerMs);
            _writer.WriteNumberValue((line.ToUnixNs - startNs) / NsPerMs);
            Write(line.Quantity);
            Write(line.MeasuredQuantity);
            Write(line.UnitPrice);
            _writer.WriteNumberValue(line.StepSize);
            Write(line.AmountExclVat);
            Write(line.VatRate);
            Write(line.AmountVat);
            WritePlace(line.Element);
            WritePlace(line.Component);
            _writer.WriteEndArray();
        }
        return End();
    }

    /// <summary>
    /// [[start (ms since the session's), energy (0.1 Wh), TIME (ms), PARKING_TIME (ms)], ...]; where the tariff asks for them, also least and greatest power
    /// (1e-9 kW) and current (1e-9 A), null = not measured.
    /// </summary>
    public ReadOnlySpan<byte> Periods(Bill bill)
    {
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        Begin();
        for (var i = 0; i < bill.Periods.Count; i++)
        {
            var period = bill.Periods[i];
            _writer.WriteStartArray();
            _writer.WriteNumberValue((period.StartUnixNs - startNs) / NsPerMs);
            _writer.WriteNumberValue(period.EnergyMwh / MwhPerUnit);
            _writer.WriteNumberValue(period.TimeNs / NsPerMs);
            _writer.WriteNumberValue(period.ParkingTimeNs / NsPerMs);
            if (i < bill.Measures.Count)
            {
                Write(bill.Measures[i].MinPower);
                Write(bill.Measures[i].MaxPower);
                Write(bill.Measures[i].MinCurrent);
                Write(bill.Measures[i].MaxCurrent);
            }
            _writer.WriteEndArray();
        }
        return End();
    }

    /// <summary>{name: value, ...}: readings other than the default; empty = there are none.</summary>
    public ReadOnlySpan<byte> Readings(Bill bill)
    {
        if (bill.RatingReadings.Length == 0)
        {
            return [];
        }
        _json.ResetWrittenCount();
        _writer.Reset();
        BillJson.WriteReadings(_writer, bill.RatingReadings);
        _writer.Flush();
        return _json.WrittenSpan;
    }

    /// <summary>[[ms since the start, sequence of the tariff version that rates from then on], ...]; empty = there are none.</summary>
    public ReadOnlySpan<byte> TariffChanges(Bill bill)
    {
        if (bill.TariffChanges.Count == 0)
        {
            return [];
        }
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        Begin();
        foreach (var change in bill.TariffChanges)
        {
            _writer.WriteStartArray();
            _writer.WriteNumberValue((PeriodCutter.RoundToMs(change.FromNs) - startNs) / NsPerMs);
            _writer.WriteNumberValue(change.Sequence);
            _writer.WriteEndArray();
        }
        return End();
    }

    public static string ReadReadings(string? json)
    {
        if (json is null)
        {
            return "";
        }
        using var document = JsonDocument.Parse(json);
        return string.Join(' ', document.RootElement.EnumerateObject().Select(reading => $"{reading.Name}={reading.Value.GetString()}"));
    }

    public static IReadOnlyList<TariffChange> ReadTariffChanges(string? json, long startedAtNs)
    {
        var startNs = PeriodCutter.RoundToMs(startedAtNs);
        return json is null ? [] : Rows(json, array => new TariffChange(startNs + (array[0].GetInt64() * NsPerMs), array[1].GetInt64()));
    }

    public static IReadOnlyList<VatRow> ReadVat(string json) =>
        Rows(json, array => new VatRow(Amount(array[0].GetString()), Amount(array[1].GetString())!.Value, Amount(array[2].GetString())!.Value));

    public static IReadOnlyList<BillLine> ReadLines(string json, long startedAtNs)
    {
        var startNs = PeriodCutter.RoundToMs(startedAtNs);
        return Rows(json, array => ReadLine(array, startNs));
    }

    public static IReadOnlyList<RatingPeriod> ReadPeriods(string json, long startedAtNs)
    {
        var startNs = PeriodCutter.RoundToMs(startedAtNs);
        return Rows(json, array => new RatingPeriod(
            startNs + (array[0].GetInt64() * NsPerMs), array[1].GetInt64() * MwhPerUnit, array[2].GetInt64() * NsPerMs, array[3].GetInt64() * NsPerMs)
        {
            Stated = PeriodVolumes.Energy,
        });
    }

    /// <summary>What <see cref="Periods"/> wrote of power and current; empty where it wrote none.</summary>
    public static IReadOnlyList<PeriodMeasures> ReadMeasures(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetArrayLength() == 0 || document.RootElement[0].GetArrayLength() < 8
            ? []
            : [.. document.RootElement.EnumerateArray().Select(array => new PeriodMeasures(Nano(array[4]), Nano(array[5]), Nano(array[6]), Nano(array[7])))];
    }

    public static string? Text(decimal? amount) => amount?.ToString(CultureInfo.InvariantCulture);

    public static decimal? Amount(string? text) => text is null ? null : decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);

    public void Dispose() => _writer.Dispose();

    private static int Place(JsonElement json) => json.ValueKind == JsonValueKind.Null ? BillLine.NoElement : json.GetInt32();

    private static long? Nano(JsonElement json) => json.ValueKind == JsonValueKind.Null ? null : json.GetInt64();

    private void Write(long? number)
    {
        if (number is { } known)
        {
            _writer.WriteNumberValue(known);
        }
        else
        {
            _writer.WriteNullValue();
        }
    }

    private void WritePlace(int place) => Write(place == BillLine.NoElement ? null : place);

    private static BillLine ReadLine(JsonElement array, long startNs)
    {
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
            Element = Place(array[10]),
            Component = Place(array[11]),
        };
    }

    private void Begin()
    {
        _json.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartArray();
    }

    private ReadOnlySpan<byte> End()
    {
        _writer.WriteEndArray();
        _writer.Flush();
        return _json.WrittenSpan;
    }

    private void Write(decimal? value)
    {
        if (value is null)
        {
            _writer.WriteNullValue();
            return;
        }
        Span<byte> text = stackalloc byte[40];
        value.Value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        _writer.WriteStringValue(text[..length]);
    }

    private static T[] Rows<T>(string json, Func<JsonElement, T> read)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(read)];
    }
}
