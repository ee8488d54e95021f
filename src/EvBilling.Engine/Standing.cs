using EvBilling.Billing;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>How a session and its bill stand, beside its events.</summary>
internal struct Standing
{
    public SessionState State;
    public BillStatus Status;

    /// <summary>The newest version of its bill; 0 = none yet.</summary>
    public int Version;

    public ContentHash ContentHash;

    /// <summary>Once its bill was final: the newest tariff version that may rate it.</summary>
    public long? TariffsUntil;

    /// <summary>The newest event's time, in nanoseconds since 1970.</summary>
    public long LastEventNs;

    public readonly bool IsClosed => State is SessionState.ClosedByAge or SessionState.ClosedByFollower;

    public static Standing Of(StoredSession stored) => new()
    {
        State = stored.State,
        Status = stored.Status,
        Version = stored.Version,
        ContentHash = stored.ContentHash,
        TariffsUntil = stored.TariffsUntil,
        LastEventNs = stored.LastEventNs,
    };
}

/// <summary>Works out how a session stands, and the next version of its bill where one is due. Serves one thread.</summary>
/// <param name="tariffsUntil">The sequence of the newest tariff version that is known.</param>
internal sealed class BillMaker(Biller biller, long tariffsUntil)
{
    private readonly BillContent _content = new();

    /// <summary>What the session's events say; valid until the next session.</summary>
    public AssembledSession Session { get; private set; } = null!;

    /// <summary>Which connector, and when: what a session's events say without tariff or location.</summary>
    public AssembledSession Look(SessionRecord record) => biller.Look(record);

    /// <summary>Brings the standing up to date with the events.</summary>
    /// <returns>The new version of the bill; null = none is due.</returns>
    public Bill? Settle(SessionRecord record, ref Standing standing)
    {
        if (record.HasEnded)
        {
            standing.State = SessionState.Ended;
        }
        else if (standing.State == SessionState.Ended)
        {
            standing.State = SessionState.Open;
        }
        if (standing.State == SessionState.Open)
        {
            // An open session has no bill but the preview that `bills` works out from its row.
            Session = biller.Look(record);
            standing.Status = BillStatus.Open;
            standing.LastEventNs = Session.LastEventNs;
            return null;
        }
        var bill = biller.Make(record, standing.IsClosed, standing.TariffsUntil);
        Session = biller.Session;
        standing.LastEventNs = Session.LastEventNs;
        standing.Status = bill.Status;
        if (bill.Status == BillStatus.Final)
        {
            standing.TariffsUntil ??= tariffsUntil;
        }
        var hash = _content.Hash(bill);
        if (standing.Version > 0 && hash == standing.ContentHash)
        {
            return null;
        }
        bill.Supersedes = standing.Version == 0 ? null : standing.Version;
        bill.Version = ++standing.Version;
        standing.ContentHash = hash;
        return bill;
    }

    /// <summary>The row of the session that was settled last.</summary>
    public SessionWrite Write(
        SessionRecord record, in Standing standing, Bill? bill, int revision, BillStatus? statusBefore, int partition, WrittenSession? before, CommitBatch batch, out WrittenSession written)
    {
        written = new WrittenSession(standing.State, standing.Status, standing.Version, ConnectorKey.Hash(record, Session), Session.StartNs);
        var stored = batch.Texts.Commit(record.WriteTo(batch.Texts.Reserve(record.StoredLengthMax)));
        return new(
            batch.Texts.Append(record.SessionIdUtf8), stored, standing.State, standing.Status, standing.Version, standing.ContentHash, standing.TariffsUntil,
            written.ConnectorHash, written.StartedAtNs, standing.LastEventNs, written == before, revision, statusBefore, partition, bill);
    }
}
