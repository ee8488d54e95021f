using System.Collections.Concurrent;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>A session as it was written in place of what a batch had of it.</summary>
/// <param name="Batch">The batch's number.</param>
internal readonly record struct Correction(int Batch, StoredSession Session);

/// <summary>
/// Merges a row that another worker has written with what a batch has of the session, and bills the union: the set of events is all that a bill depends on,
/// so nothing is lost whoever came first. On the thread that commits, with a biller of its own.
/// </summary>
internal sealed class ConflictResolver(BillMaker maker) : IConflictResolver
{
    private readonly List<StoredSession> _resolved = [];
    private readonly ConcurrentQueue<Correction> _corrections = new();

    /// <summary>How many rows were merged so far.</summary>
    public long Resolved { get; private set; }

    public SessionWrite Resolve(StoredSession row, in SessionWrite write, CommitBatch batch)
    {
        var record = SessionRecord.Parse(write.SessionId.In(batch.Texts.Bytes), write.Record.In(batch.Texts.Bytes));
        record.Merge(row.Record);
        var standing = Standing.Of(row);
        standing.State = StateOf(row, write);
        var bill = maker.Settle(record, ref standing);
        var resolved = maker.Write(record, standing, bill, row.Revision, row.Status, write.Partition, null, batch, out _);
        _resolved.Add(new StoredSession
        {
            Record = record,
            State = standing.State,
            Status = standing.Status,
            Version = standing.Version,
            ContentHash = standing.ContentHash,
            TariffsUntil = standing.TariffsUntil,
            LastEventNs = standing.LastEventNs,
            Revision = row.Revision + 1,
        });
        return resolved;
    }

    public void Begin() => _resolved.Clear();

    /// <summary>Lets the worker know, once the batch is committed.</summary>
    public void Publish(int batch)
    {
        Resolved += _resolved.Count;
        foreach (var session in _resolved)
        {
            _corrections.Enqueue(new(batch, session));
        }
    }

    public bool TryTake(out Correction correction) => _corrections.TryDequeue(out correction);

    // A mark of closing holds only as long as no later event came.
    private static SessionState StateOf(StoredSession row, in SessionWrite write) =>
        IsClosed(write.State) && write.LastEventNs >= row.LastEventNs ? write.State
        : IsClosed(row.State) && row.LastEventNs >= write.LastEventNs ? row.State
        : SessionState.Open;

    private static bool IsClosed(SessionState state) => state is SessionState.ClosedByAge or SessionState.ClosedByFollower;
}
