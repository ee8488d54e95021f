using System.Runtime.InteropServices;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Writes a batch's dead letters and contact data.</summary>
internal sealed class PostgresLetters(CopyRows copy)
{
    /// <summary>Makes the connection's tables; their rows are gone with each transaction.</summary>
    public const string SetUp =
        "CREATE TEMPORARY TABLE evbilling_letters(n int, source text, partition int, position bigint, reason text, detail text, bytes bytea, redacted boolean, "
        + "at timestamptz, digest bytea) ON COMMIT DELETE ROWS; "
        + "CREATE TEMPORARY TABLE evbilling_contacts(session_id text COLLATE \"C\", phone_number text COLLATE \"C\", email text COLLATE \"C\") ON COMMIT DELETE ROWS; ";

    private const string ContactColumns = "session_id, phone_number, email";

    private const string Columns = "source, partition, position, reason, detail, bytes, redacted, at, digest";

    private readonly List<ContactWrite> _newContacts = [];
    private readonly List<ContactWrite> _otherContacts = [];

    public void WriteDeadLetters(NpgsqlConnection connection, CommitBatch batch)
    {
        if (batch.DeadLetters.Count > 0)
        {
            copy.Copy(connection, "pg_temp.evbilling_letters", $"n, {Columns}", rows => Write(rows, batch.DeadLetters));
            // Numbers are given in the order of the records.
            var written = $"INSERT INTO evbilling.dead_letters({Columns}) SELECT {Columns} FROM pg_temp.evbilling_letters ORDER BY n ON CONFLICT (digest) DO NOTHING RETURNING source, partition";
            connection.Execute(
                $"WITH written AS ({written}), counted AS (SELECT source, partition, count(*) AS refused FROM pg_temp.evbilling_letters GROUP BY source, partition), "
                + "kept AS (SELECT source, partition, count(*) AS letters FROM written GROUP BY source, partition) "
                + "UPDATE evbilling.positions AS p SET letters = p.letters + coalesce(k.letters, 0), repeats = p.repeats + c.refused - coalesce(k.letters, 0) "
                + $"FROM counted AS c LEFT JOIN kept AS k USING (source, partition) WHERE {OnOneRow("c")}");
        }
        if (batch.CompletedAt.Count > 0)
        {
            // A record that was read by halves counts once.
            connection.Execute(
                Removing(
                    "DELETE FROM evbilling.dead_letters AS d USING unnest($1, $2, $3) AS n(source, partition, position) "
                    + "WHERE d.source = n.source AND d.partition = n.partition AND d.position = n.position RETURNING d.source, d.partition",
                    "records = p.records - g.letters"),
                PostgresSql.Texts(batch.CompletedAt.Select(at => at.Partition.Source)), PostgresSql.Integers(batch.CompletedAt.Select(at => at.Partition.Partition)),
                PostgresSql.Bigints(batch.CompletedAt.Select(at => at.Offset)));
        }
        if (batch.RemovedDeadLetters.Count > 0)
        {
            connection.Execute(
                Removing("DELETE FROM evbilling.dead_letters WHERE number = ANY($1) RETURNING source, partition", "events = p.events + g.letters"),
                PostgresSql.Bigints(batch.RemovedDeadLetters));
        }
    }

    // What becomes of records is counted where they were read; a letter does not say of which incarnation it is, and only the sum over them means something.
    private static string Removing(string delete, string becomes) =>
        $"WITH gone AS ({delete}), counted AS (SELECT source, partition, count(*) AS letters FROM gone GROUP BY source, partition) "
        + $"UPDATE evbilling.positions AS p SET letters = p.letters - g.letters, {becomes} FROM counted AS g WHERE {OnOneRow("g")}";

    private static string OnOneRow(string of) =>
        $"p.source = {of}.source AND p.partition = {of}.partition AND p.incarnation = (SELECT n.incarnation FROM evbilling.positions AS n "
        + $"WHERE n.source = {of}.source AND n.partition = {of}.partition ORDER BY n.read_at DESC NULLS LAST, n.incarnation LIMIT 1)";

    /// <summary>Contradicting copies: the lesser text, so that the order does not matter; what was erased stays so.</summary>
    /// <param name="isNew">Of each session, whether its row was inserted; empty = any may have contact data already.</param>
    /// <exception cref="PostgresException">Among others a session that is new here has contact data already, or was erased.</exception>
    public void WriteContacts(NpgsqlConnection connection, CommitBatch batch, ReadOnlySpan<bool> isNew)
    {
        if (batch.Contacts.Count == 0)
        {
            return;
        }
        SplitContacts(batch, isNew);
        if (_newContacts.Count > 0)
        {
            copy.Copy(connection, "evbilling.contacts", ContactColumns, rows => Write(rows, _newContacts, batch));
        }
        if (_otherContacts.Count > 0)
        {
            copy.Copy(connection, "pg_temp.evbilling_contacts", ContactColumns, rows => Write(rows, _otherContacts, batch));
            connection.Execute(
                $"INSERT INTO evbilling.contacts AS c({ContactColumns}) "
                + "SELECT session_id, min(phone_number), min(email) FROM pg_temp.evbilling_contacts GROUP BY session_id ORDER BY session_id "
                + "ON CONFLICT (session_id) DO UPDATE SET phone_number = least(c.phone_number, excluded.phone_number), email = least(c.email, excluded.email) "
                + "WHERE c.erased_at IS NULL");
        }
    }

    // The only ones of a session whose row is new can hardly be there, so that they need no detour; sessions are in the order of their ids.
    private void SplitContacts(CommitBatch batch, ReadOnlySpan<bool> isNew)
    {
        _newContacts.Clear();
        _otherContacts.Clear();
        var contacts = CollectionsMarshal.AsSpan(batch.Contacts);
        if (!isNew.IsEmpty)
        {
            contacts.Sort((a, b) => a.SessionId.In(batch.Texts.Bytes).SequenceCompareTo(b.SessionId.In(batch.Texts.Bytes)));
        }
        var texts = batch.Texts.Bytes;
        var sessions = batch.Sessions;
        var session = 0;
        for (var i = 0; i < contacts.Length; i++)
        {
            var id = contacts[i].SessionId.In(texts);
            while (session < isNew.Length && sessions[session].SessionId.In(texts).SequenceCompareTo(id) < 0)
            {
                session++;
            }
            var isOnly = (i == 0 || !contacts[i - 1].SessionId.In(texts).SequenceEqual(id)) && (i == contacts.Length - 1 || !contacts[i + 1].SessionId.In(texts).SequenceEqual(id));
            var isOfNew = session < isNew.Length && isNew[session] && sessions[session].SessionId.In(texts).SequenceEqual(id);
            (isOnly && isOfNew ? _newContacts : _otherContacts).Add(contacts[i]);
        }
    }

    private static void Write(CopyRows rows, List<ContactWrite> contacts, CommitBatch batch)
    {
        var texts = batch.Texts.Bytes;
        foreach (var contact in contacts)
        {
            rows.Row(3);
            rows.Bytes(contact.SessionId.In(texts));
            AddStated(rows, contact.PhoneNumber.In(texts));
            AddStated(rows, contact.Email.In(texts));
        }
    }

    private static void AddStated(CopyRows rows, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            rows.Null();
        }
        else
        {
            rows.Utf8(text);
        }
    }

    private static void Write(CopyRows rows, List<DeadLetter> letters)
    {
        for (var i = 0; i < letters.Count; i++)
        {
            var letter = letters[i];
            rows.Row(10);
            rows.Integer(i);
            rows.Text(letter.Source);
            rows.Integer(letter.Partition);
            rows.Bigint(letter.Position);
            rows.Text(letter.Reason);
            rows.Text(letter.Detail);
            rows.Bytes(letter.Bytes.Span);
            rows.Boolean(letter.Redacted);
            rows.TimeSeconds(letter.AtUnixSeconds);
            rows.Bytes(StoredForms.Digest(letter));
        }
    }
}
