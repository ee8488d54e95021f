using EvBilling.Billing;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>A session's row beside its events.</summary>
internal readonly record struct WrittenSession(SessionState State, BillStatus Status, int Version, long ConnectorHash, long StartedAtNs);

/// <summary>A session in memory: its row, and what has changed since.</summary>
internal sealed class CachedSession(SessionRecord record)
{
    public SessionRecord Record = record;
    public Standing Standing;

    /// <summary>Its row is no longer kept: no event can be added.</summary>
    public bool IsArchived;

    /// <summary>The revision of the row once all that was handed over is committed; 0 = no row.</summary>
    public int Revision;

    /// <summary>The number of the partition that its newest event came from; -1 = none with a number.</summary>
    public int Partition = -1;

    /// <summary>What this run last wrote of it, beside its events; null = nothing.</summary>
    public WrittenSession? Written;

    public bool IsDirty;

    /// <summary>Events came, or the mark of closing changed, since the row was written.</summary>
    public bool HasNews;

    /// <summary>The number of the batch that last touched it.</summary>
    public int Batch;

    /// <summary>The number of the batch that last wrote it; -1 = none.</summary>
    public int WrittenIn = -1;

    /// <summary>Becomes what the row says.</summary>
    public void Become(StoredSession row)
    {
        Record = row.Record;
        Standing = Standing.Of(row);
        Revision = row.Revision;
    }

    /// <summary>Takes over a row that another worker has changed, as it was merged and written.</summary>
    public void Correct(Correction correction)
    {
        var lastEventNs = Standing.LastEventNs;
        Record.Merge(correction.Session.Record);
        Standing = Standing.Of(correction.Session);
        if (IsDirty && lastEventNs > Standing.LastEventNs)
        {
            // It came after what was merged, so that a mark of closing no longer holds.
            Standing.LastEventNs = lastEventNs;
            Standing.State = Standing.IsClosed ? SessionState.Open : Standing.State;
        }
        Revision = correction.Session.Revision;
        Written = null;
    }
}
