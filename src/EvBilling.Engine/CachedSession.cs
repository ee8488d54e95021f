using EvBilling.Billing;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>A session's row beside its events.</summary>
internal readonly record struct WrittenSession(SessionState State, BillStatus Status, int Version, long ConnectorHash, long StartedAtNs);

/// <summary>A session in memory: its row, and what has changed since.</summary>
internal sealed class CachedSession(SessionRecord record)
{
    public readonly SessionRecord Record = record;
    public SessionState State;
    public BillStatus Status;
    public int Version;
    public ContentHash ContentHash;
    public long? TariffsUntil;
    public long LastEventNs;
    public bool IsNew = true;

    /// <summary>What this run last wrote of it, beside its events; null = nothing.</summary>
    public WrittenSession? Written;

    public bool IsDirty;

    /// <summary>Events came, or the mark of closing changed, since the row was written.</summary>
    public bool HasNews;

    /// <summary>The number of the batch that last touched it.</summary>
    public int Batch;

    public bool IsClosed => State is SessionState.ClosedByAge or SessionState.ClosedByFollower;

    public static CachedSession From(StoredSession stored) => new(stored.Record)
    {
        State = stored.State,
        Status = stored.Status,
        Version = stored.Version,
        ContentHash = stored.ContentHash,
        TariffsUntil = stored.TariffsUntil,
        LastEventNs = stored.LastEventNs,
        IsNew = false,
    };
}
