using EvBilling.Engine;
using EvBilling.Sessions;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Stores;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Postgres;

/// <summary>Opens stores as a test wants them.</summary>
internal static class PostgresStores
{
    public static PostgresTarget Target(string uri, params (string Name, string Value)[] environment) =>
        PostgresTarget.Parse(uri, environment.ToDictionary(variable => variable.Name, variable => variable.Value));

    public static PostgresBillStore Open(string uri, TimeProvider? clock = null, params (string Name, string Value)[] environment) =>
        PostgresBillStore.Open(Target(uri, environment), clock ?? new TestClock());

    /// <summary>Makes of a store one of the version before the last.</summary>
    public static void TakeBackLastStep(string uri) => PostgresDatabases.Execute(
        uri,
        "DROP VIEW evbilling.reconciliation, evbilling.bill_sums, evbilling.progress_by_source; DROP INDEX evbilling.bills_by_end; "
        + "ALTER TABLE evbilling.positions DROP COLUMN records, DROP COLUMN events, DROP COLUMN letters, DROP COLUMN repeats, DROP COLUMN confirmed_at; "
        + "DELETE FROM evbilling.schema_version WHERE version = (SELECT max(version) FROM evbilling.schema_version)");

    /// <summary>A worker that is ready to commit some partitions.</summary>
    public static PostgresBillStore Worker(string uri, params LogPartition[] partitions)
    {
        var store = Open(uri);
        store.BeginWriting();
        store.Claim(partitions);
        return store;
    }
}

/// <summary>Merges the events of a row and a write, and notes what it was asked.</summary>
internal sealed class MergingResolver : IConflictResolver
{
    public List<string> Resolved { get; } = [];

    public int Begun { get; private set; }

    /// <summary>What another worker does just when a row is merged.</summary>
    public Action? Meanwhile { get; set; }

    public void Begin()
    {
        Begun++;
        Resolved.Clear();
    }

    public SessionWrite Resolve(StoredSession row, in SessionWrite write, CommitBatch batch)
    {
        var record = SessionRecord.Parse(write.SessionId.In(batch.Texts.Bytes), write.Record.In(batch.Texts.Bytes));
        record.Merge(row.Record);
        Resolved.Add($"{row.Record.SessionId} {row.Revision}");
        Meanwhile?.Invoke();
        var bill = write.Bill is null ? null : Batches.Bill(row.Record.SessionId, row.Version + 1, write.Status);
        return write with
        {
            Record = batch.Texts.Append(record.ToBytes()),
            Revision = row.Revision,
            StatusBefore = row.Status,
            Version = bill?.Version ?? row.Version,
            Bill = bill,
            OnlyEventsChanged = false,
        };
    }
}
