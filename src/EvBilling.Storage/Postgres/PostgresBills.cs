using EvBilling.Billing;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Bills as rows.</summary>
internal sealed class PostgresBills(CopyRows copy) : IDisposable
{
    private const int ColumnCount = 30;

    private const string Columns =
        "session_id, version, supersedes, status, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, "
        + "started_at, started_ns, ended_at, ended_ns, energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, "
        + "readings, written_at, rating_readings, tariff_changes";

    private static readonly string[] Statuses = [.. Enum.GetValues<BillStatus>().Select(BillJson.StatusName)];

    private readonly BillDocument _document = new();
    private readonly Dictionary<BillFlag, string[]> _flags = [];

    public void Write(NpgsqlConnection connection, CommitBatch batch, long nowUnixSeconds)
    {
        foreach (ref readonly var session in batch.Sessions)
        {
            if (session.Bill is not null)
            {
                copy.Copy(connection, "evbilling.bills", Columns, rows => Write(rows, batch, nowUnixSeconds));
                return;
            }
        }
    }

    /// <summary>Bills in order of session id, then version.</summary>
    /// <param name="allVersions">False = of each session that is not open the newest.</param>
    public static IEnumerable<Bill> Read(PostgresConnections connections, string? sessionId, bool allVersions)
    {
        const string Current = "NOT EXISTS (SELECT 1 FROM evbilling.bills AS n WHERE n.session_id = b.session_id AND n.version > b.version)"
            + " AND NOT EXISTS (SELECT 1 FROM evbilling.sessions AS s WHERE s.session_id = b.session_id AND s.state = 0)";
        var which = (allVersions ? "true" : Current) + (sessionId is null ? "" : " AND b.session_id = $1");
        return connections.Stream(
            $"SELECT {Columns} FROM evbilling.bills AS b WHERE {which} ORDER BY b.session_id, b.version",
            Read,
            sessionId is null ? [] : [PostgresSql.Text(sessionId)]);
    }

    public void Dispose() => _document.Dispose();

    private static Bill Read(NpgsqlDataReader row)
    {
        var startedAtNs = TimeNs(row, 13);
        return new Bill
        {
            SessionId = row.GetString(0),
            Version = row.GetInt32(1),
            Supersedes = row.NullableInteger(2),
            Status = (BillStatus)Array.IndexOf(Statuses, row.GetString(3)),
            Flags = row.GetFieldValue<string[]>(4).Aggregate(BillFlag.None, (flags, name) => flags | BillFlagNames.Parse(name)),
            LocationId = row.NullableText(5),
            StationId = row.NullableText(6),
            EvseId = row.NullableText(7),
            ConnectorId = row.NullableText(8),
            TokenId = row.NullableText(9),
            TariffId = row.NullableText(10),
            TariffSequence = row.NullableBigint(11),
            Currency = row.NullableText(12),
            StartedAtNs = startedAtNs,
            EndedAtNs = TimeNs(row, 15),
            EnergyMwh = row.IsDBNull(17) ? null : (long)(row.GetDecimal(17) * 1000),
            ChargingNs = Ns(row, 18),
            ParkingNs = Ns(row, 19),
            WaitingNs = Ns(row, 20),
            TotalExclVat = row.NullableDecimal(21),
            TotalInclVat = row.NullableDecimal(22),
            VatBreakdown = BillDocument.ReadVat(row.GetString(23)),
            Lines = BillDocument.ReadLines(row.GetString(24), startedAtNs),
            Periods = BillDocument.ReadPeriods(row.GetString(25), startedAtNs),
            Measures = BillDocument.ReadMeasures(row.GetString(25)),
            Readings = row.GetInt32(26),
            WrittenAtUnixSeconds = row.Seconds(27),
            RatingReadings = BillDocument.ReadReadings(row.NullableText(28)),
            TariffChanges = BillDocument.ReadTariffChanges(row.NullableText(29), startedAtNs),
        };
    }

    private void Write(CopyRows rows, CommitBatch batch, long nowUnixSeconds)
    {
        var texts = batch.Texts.Bytes;
        foreach (ref readonly var session in batch.Sessions)
        {
            if (session.Bill is not { } bill)
            {
                continue;
            }
            rows.Row(ColumnCount);
            rows.Bytes(session.SessionId.In(texts));
            rows.Integer(bill.Version);
            rows.Integer(bill.Supersedes);
            rows.Text(Statuses[(int)bill.Status]);
            rows.Texts(FlagsOf(bill.Flags));
            rows.Text(bill.LocationId);
            rows.Text(bill.StationId);
            rows.Text(bill.EvseId);
            rows.Text(bill.ConnectorId);
            rows.Text(bill.TokenId);
            rows.Text(bill.TariffId);
            rows.Bigint(bill.TariffSequence);
            rows.Text(bill.Currency);
            rows.Smallint(rows.TimeNs(bill.StartedAtNs));
            rows.Smallint(rows.TimeNs(bill.EndedAtNs));
            rows.Numeric(bill.EnergyMwh, 3);
            rows.Numeric(bill.ChargingNs, 9);
            rows.Numeric(bill.ParkingNs, 9);
            rows.Numeric(bill.WaitingNs, 9);
            rows.Numeric(bill.TotalExclVat);
            rows.Numeric(bill.TotalInclVat);
            rows.Bytes(_document.Vat(bill));
            rows.Bytes(_document.Lines(bill));
            rows.Bytes(_document.Periods(bill));
            rows.Integer(bill.Readings);
            rows.TimeSeconds(nowUnixSeconds);
            WriteOrNull(rows, _document.Readings(bill));
            WriteOrNull(rows, _document.TariffChanges(bill));
        }
    }

    private static void WriteOrNull(CopyRows rows, ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            rows.Null();
        }
        else
        {
            rows.Bytes(json);
        }
    }

    // Few sets of flags occur.
    private string[] FlagsOf(BillFlag flags)
    {
        if (!_flags.TryGetValue(flags, out var names))
        {
            names = [.. BillFlagNames.Of(flags)];
            _flags.Add(flags, names);
        }
        return names;
    }

    private static long TimeNs(NpgsqlDataReader row, int column) =>
        ((row.GetDateTime(column).Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick) + row.GetInt16(column + 1);

    private static long Ns(NpgsqlDataReader row, int column) => (long)(row.GetDecimal(column) * 1_000_000_000);
}
