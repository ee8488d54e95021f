using EvBilling.Billing;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Bills as rows: the first version of a bill that comes with its session stands in the session's row, all others are rows of bill_versions. The view bills
/// has them together.
/// </summary>
internal sealed class PostgresBills(CopyRows copy) : IDisposable
{
    /// <summary>Of a session's row: the first version of its bill, as <see cref="WriteFirst"/> writes it.</summary>
    public const string FirstColumns =
        "first_written_at, first_started_at, first_ended_at, first_energy_mwh, first_charging_ns, first_parking_ns, first_waiting_ns, first_tariff_sequence, "
        + "first_readings, first_status, first_total_excl_vat, first_total_incl_vat, first_flags, first_location_id, first_station_id, first_evse_id, "
        + "first_connector_id, first_token_id, first_tariff_id, first_currency, first_vat_breakdown, first_lines, first_periods";

    /// <summary>How many <see cref="FirstColumns"/> are.</summary>
    public const int FirstColumnCount = 23;

    private const int ColumnCount = 30;

    private const string Columns =
        "session_id, version, supersedes, status, flags, location_id, station_id, evse_id, connector_id, token_id, tariff_id, tariff_sequence, currency, "
        + "started_at, started_ns, ended_at, ended_ns, energy_wh, charging_s, parking_s, waiting_s, total_excl_vat, total_incl_vat, vat_breakdown, lines, periods, "
        + "readings, written_at, rating_readings, tariff_changes";

    private static readonly string[] Statuses = [.. Enum.GetValues<BillStatus>().Select(BillJson.StatusName)];

    private readonly BillDocument _document = new();
    private readonly Dictionary<BillFlag, string[]> _flags = [];
    private readonly Dictionary<BillFlag, string> _joinedFlags = [];

    /// <summary>Whether the bill goes into the row of its session, which is inserted with it. What few bills have has no columns there.</summary>
    public static bool IsFirst(in SessionWrite session, bool isNew) =>
        isNew && session.Bill is { Version: 1, Supersedes: null, RatingReadings.Length: 0, TariffChanges.Count: 0 };

    /// <summary>Writes the bills that do not stand in their sessions' rows.</summary>
    /// <param name="isNew">Of each session, whether its row was inserted.</param>
    public void Write(NpgsqlConnection connection, CommitBatch batch, ReadOnlySpan<bool> isNew, long nowUnixSeconds)
    {
        for (var i = 0; i < isNew.Length; i++)
        {
            if (batch.Sessions[i].Bill is not null && !IsFirst(batch.Sessions[i], isNew[i]))
            {
                var news = isNew.ToArray();
                copy.Copy(connection, "evbilling.bill_versions", Columns, rows => Write(rows, batch, news, nowUnixSeconds));
                return;
            }
        }
    }

    /// <summary>Writes a bill into the row of its session that is being copied.</summary>
    public void WriteFirst(CopyRows rows, Bill bill, long nowUnixSeconds)
    {
        rows.TimeSeconds(nowUnixSeconds);
        rows.Bigint(bill.StartedAtNs);
        rows.Bigint(bill.EndedAtNs);
        rows.Bigint(bill.EnergyMwh);
        rows.Bigint(bill.ChargingNs);
        rows.Bigint(bill.ParkingNs);
        rows.Bigint(bill.WaitingNs);
        rows.Bigint(bill.TariffSequence);
        rows.Integer(bill.Readings);
        rows.Smallint((int)bill.Status);
        rows.Numeric(bill.TotalExclVat);
        rows.Numeric(bill.TotalInclVat);
        rows.Text(JoinedFlagsOf(bill.Flags));
        WriteIds(rows, bill);
        rows.Text(bill.Currency);
        WriteDocuments(rows, bill);
    }

    /// <summary>Bills in order of session id, then version.</summary>
    /// <param name="allVersions">False = of each session that is not open the newest.</param>
    public static IEnumerable<Bill> Read(PostgresConnections connections, string? sessionId, bool allVersions)
    {
        // A first version in a session's row is never the newer one of two.
        const string Current = "NOT EXISTS (SELECT 1 FROM evbilling.bill_versions AS n WHERE n.session_id = b.session_id AND n.version > b.version)"
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

    private void Write(CopyRows rows, CommitBatch batch, bool[] isNew, long nowUnixSeconds)
    {
        var texts = batch.Texts.Bytes;
        for (var i = 0; i < isNew.Length; i++)
        {
            ref readonly var session = ref batch.Sessions[i];
            if (session.Bill is not { } bill || IsFirst(session, isNew[i]))
            {
                continue;
            }
            rows.Row(ColumnCount);
            rows.Bytes(session.SessionId.In(texts));
            rows.Integer(bill.Version);
            rows.Integer(bill.Supersedes);
            rows.Text(Statuses[(int)bill.Status]);
            rows.Texts(FlagsOf(bill.Flags));
            WriteIds(rows, bill);
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
            WriteDocuments(rows, bill);
            rows.Integer(bill.Readings);
            rows.TimeSeconds(nowUnixSeconds);
            WriteOrNull(rows, _document.Readings(bill));
            WriteOrNull(rows, _document.TariffChanges(bill));
        }
    }

    // Of the place, of who pays, and of the tariff.
    private static void WriteIds(CopyRows rows, Bill bill)
    {
        rows.Text(bill.LocationId);
        rows.Text(bill.StationId);
        rows.Text(bill.EvseId);
        rows.Text(bill.ConnectorId);
        rows.Text(bill.TokenId);
        rows.Text(bill.TariffId);
    }

    private void WriteDocuments(CopyRows rows, Bill bill)
    {
        rows.Bytes(_document.Vat(bill));
        rows.Bytes(_document.Lines(bill));
        rows.Bytes(_document.Periods(bill));
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

    private string JoinedFlagsOf(BillFlag flags)
    {
        if (!_joinedFlags.TryGetValue(flags, out var names))
        {
            names = string.Join(',', FlagsOf(flags));
            _joinedFlags.Add(flags, names);
        }
        return names;
    }

    private static long TimeNs(NpgsqlDataReader row, int column) =>
        ((row.GetDateTime(column).Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick) + row.GetInt16(column + 1);

    private static long Ns(NpgsqlDataReader row, int column) => (long)(row.GetDecimal(column) * 1_000_000_000);
}
