using System.Buffers.Binary;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Sessions;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Writes a batch's sessions: new ones by COPY into the table, with the first version of their bill where they come with it; others by COPY into a table of this
/// connection and one UPDATE from there. Each row must be at the revision that the write rests on.
/// </summary>
internal sealed class PostgresSessionWrites(CopyRows copy, PostgresBills bills)
{
    /// <summary>Makes the connection's table; its rows are gone with each transaction.</summary>
    public const string SetUp =
        "CREATE TEMPORARY TABLE evbilling_batch(session_id text COLLATE \"C\", revision int, only_events boolean, has_bill boolean, state smallint, bill_status smallint, "
        + "version int, content_hash bytea, tariffs_until bigint, connector bigint, started_at bigint, last_event_at bigint, partition int, "
        + "format smallint, record bytea) ON COMMIT DELETE ROWS; ";

    private const int InsertColumnCount = 14;

    private const string InsertColumns =
        "session_id, state, bill_status, version, revision, content_hash, tariffs_until, connector, started_at, last_event_at, changed_at, partition, format, record";

    private const string UpdateColumns =
        "session_id, revision, only_events, has_bill, state, bill_status, version, content_hash, tariffs_until, connector, started_at, last_event_at, partition, format, record";

    private const string UpdateEvents =
        "UPDATE evbilling.sessions AS s SET revision = n.revision + 1, last_event_at = n.last_event_at, changed_at = $1, partition = n.partition, format = n.format, "
        + "record = n.record FROM pg_temp.evbilling_batch AS n WHERE s.session_id = n.session_id AND s.revision = n.revision AND n.only_events";

    // A new version of a bill has a number that its session never had: the first one may stand in the row itself, where no key would tell.
    private const string UpdateAll =
        "UPDATE evbilling.sessions AS s SET revision = n.revision + 1, last_event_at = n.last_event_at, changed_at = $1, partition = n.partition, format = n.format, "
        + "record = n.record, state = n.state, bill_status = n.bill_status, version = n.version, content_hash = n.content_hash, tariffs_until = n.tariffs_until, "
        + "connector = n.connector, started_at = n.started_at FROM pg_temp.evbilling_batch AS n "
        + "WHERE s.session_id = n.session_id AND s.revision = n.revision AND NOT n.only_events AND (n.version > s.version OR NOT n.has_bill)";

    /// <param name="isNew">Of each session, whether there is no row of it.</param>
    /// <returns>False: a row is not as the batch has it. The transaction is then to be rolled back.</returns>
    /// <exception cref="PostgresException">Among others a row is there that should not be.</exception>
    public bool Write(NpgsqlConnection connection, CommitBatch batch, ReadOnlySpan<bool> isNew, long nowUnixSeconds)
    {
        var (billed, inserts, events, others) = (0, 0, 0, 0);
        for (var i = 0; i < isNew.Length; i++)
        {
            ref readonly var write = ref batch.Sessions[i];
            _ = PostgresBills.IsFirst(write, isNew[i]) ? billed++ : isNew[i] ? inserts++ : write.OnlyEventsChanged ? events++ : others++;
        }
        var news = isNew.ToArray();
        if (billed > 0)
        {
            copy.Copy(connection, "evbilling.sessions", $"{InsertColumns}, {PostgresBills.FirstColumns}", rows => Insert(rows, batch, news, nowUnixSeconds, withBill: true));
        }
        if (inserts > 0)
        {
            copy.Copy(connection, "evbilling.sessions", InsertColumns, rows => Insert(rows, batch, news, nowUnixSeconds, withBill: false));
        }
        if (events + others > 0)
        {
            copy.Copy(connection, "pg_temp.evbilling_batch", UpdateColumns, rows => Update(rows, batch, news));
        }
        return (events == 0 || connection.Execute(UpdateEvents, PostgresSql.Time(nowUnixSeconds)) == events)
            && (others == 0 || connection.Execute(UpdateAll, PostgresSql.Time(nowUnixSeconds)) == others);
    }

    private void Insert(CopyRows rows, CommitBatch batch, bool[] isNew, long nowUnixSeconds, bool withBill)
    {
        var texts = batch.Texts.Bytes;
        var sessions = batch.Sessions;
        for (var i = 0; i < sessions.Length; i++)
        {
            ref readonly var write = ref sessions[i];
            if (!isNew[i] || PostgresBills.IsFirst(write, isNew[i]) != withBill)
            {
                continue;
            }
            var record = write.Record.In(texts);
            rows.Row(InsertColumnCount + (withBill ? PostgresBills.FirstColumnCount : 0));
            rows.Bytes(write.SessionId.In(texts));
            rows.Smallint((int)write.State);
            rows.Smallint((int)write.Status);
            rows.Integer(write.Version);
            rows.Integer(write.Revision + 1);
            Hash(rows, write);
            rows.Bigint(write.TariffsUntil);
            rows.Bigint(write.ConnectorHash == 0 ? null : write.ConnectorHash);
            rows.Bigint(write.StartedAtNs);
            rows.Bigint(write.LastEventNs);
            rows.TimeSeconds(nowUnixSeconds);
            rows.Integer(write.Partition < 0 ? null : write.Partition);
            rows.Smallint(record[0]);
            rows.Bytes(record);
            if (withBill)
            {
                bills.WriteFirst(rows, write.Bill!, nowUnixSeconds);
            }
        }
    }

    private static void Update(CopyRows rows, CommitBatch batch, bool[] isNew)
    {
        var texts = batch.Texts.Bytes;
        var sessions = batch.Sessions;
        for (var i = 0; i < sessions.Length; i++)
        {
            if (isNew[i])
            {
                continue;
            }
            ref readonly var write = ref sessions[i];
            var record = write.Record.In(texts);
            rows.Row(15);
            rows.Bytes(write.SessionId.In(texts));
            rows.Integer(write.Revision);
            rows.Boolean(write.OnlyEventsChanged);
            rows.Boolean(write.Bill is not null);
            rows.Smallint((int)write.State);
            rows.Smallint((int)write.Status);
            rows.Integer(write.Version);
            Hash(rows, write);
            rows.Bigint(write.TariffsUntil);
            rows.Bigint(write.ConnectorHash == 0 ? null : write.ConnectorHash);
            rows.Bigint(write.StartedAtNs);
            rows.Bigint(write.LastEventNs);
            rows.Integer(write.Partition < 0 ? null : write.Partition);
            rows.Smallint(record[0]);
            rows.Bytes(record);
        }
    }

    private static void Hash(CopyRows rows, in SessionWrite write)
    {
        if (write.Version == 0)
        {
            rows.Null();
            return;
        }
        Span<byte> hash = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(hash, write.ContentHash.Value);
        rows.Bytes(hash);
    }
}
