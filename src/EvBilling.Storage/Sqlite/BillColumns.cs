using System.Text;
using EvBilling.Billing;
using EvBilling.Events;
using Microsoft.Data.Sqlite;

namespace EvBilling.Storage.Sqlite;

/// <summary>A bill as a row. Lines, VAT and periods are short JSON arrays by position, so that a bill is one small row.</summary>
internal sealed class BillColumns : IDisposable
{
    public const string Names =
        "session_id, version, supersedes, status, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, "
        + "started_at, ended_at, energy_mwh, charging_ns, parking_ns, waiting_ns, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, readings, written_at, "
        + "rating_readings, tariff_changes";

    private readonly BillDocument _document = new();

    public void Bind(SqliteStatement row, Bill bill, long writtenAtUnixSeconds)
    {
        Span<byte> text = stackalloc byte[30];
        row.Add(bill.SessionId).Add(bill.Version).Add(bill.Supersedes).Add((int)bill.Status)
            .Add(bill.Flags == BillFlag.None ? "" : string.Join(',', BillFlagNames.Of(bill.Flags)))
            .Add(bill.LocationId).Add(bill.StationId).Add(bill.EvseId).Add(bill.ConnectorId).Add(bill.TokenId).Add(bill.TariffId).Add(bill.TariffSequence)
            .Add(bill.Currency);
        row.AddText(text[..Rfc3339.Format(bill.StartedAtNs, text)]);
        row.AddText(text[..Rfc3339.Format(bill.EndedAtNs, text)]);
        row.Add(bill.EnergyMwh).Add(bill.ChargingNs).Add(bill.ParkingNs).Add(bill.WaitingNs).Add(BillDocument.Text(bill.TotalExclVat)).Add(BillDocument.Text(bill.TotalInclVat));
        row.AddText(_document.Vat(bill));
        row.AddText(_document.Lines(bill));
        row.AddText(_document.Periods(bill));
        row.Add(bill.Readings).Add(writtenAtUnixSeconds);
        AddOrNull(row, _document.Readings(bill));
        AddOrNull(row, _document.TariffChanges(bill));
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
            TotalExclVat = BillDocument.Amount(Nullable(row, 19)),
            TotalInclVat = BillDocument.Amount(Nullable(row, 20)),
            VatBreakdown = BillDocument.ReadVat(row.GetString(21)),
            Lines = BillDocument.ReadLines(row.GetString(22), startedAtNs),
            Periods = BillDocument.ReadPeriods(row.GetString(23), startedAtNs),
            Measures = BillDocument.ReadMeasures(row.GetString(23)),
            Readings = row.GetInt32(24),
            WrittenAtUnixSeconds = row.GetInt64(25),
            RatingReadings = BillDocument.ReadReadings(Nullable(row, 26)),
            TariffChanges = BillDocument.ReadTariffChanges(Nullable(row, 27), startedAtNs),
        };
    }

    public void Dispose() => _document.Dispose();

    private static void AddOrNull(SqliteStatement row, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            row.Add((string?)null);
        }
        else
        {
            row.AddText(json);
        }
    }

    private static string? Nullable(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long Time(string text) => Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var unixNs, out _)
        ? unixNs
        : throw new FormatException($"A stored time is malformed: {text}.");
}
