using System.Text;
using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Sessions;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Stores;

/// <summary>A session's row as a test wants it.</summary>
internal sealed record SessionDraft(string Id, BillStatus Status, int Version)
{
    public SessionState State { get; init; } = Status == BillStatus.Open ? SessionState.Open : SessionState.Ended;

    public ContentHash ContentHash { get; init; } = new(7);

    public long? TariffsUntil { get; init; }

    public long Connector { get; init; }

    public long StartedAtNs { get; init; } = EventLines.StartNs;

    public long LastEventNs { get; init; } = EventLines.StartNs;

    public bool OnlyEventsChanged { get; init; }

    public int Partition { get; init; } = -1;

    public string[] Lines { get; init; } = [EventLines.Line("started", Id, 0, 1000)];
}

/// <summary>Batches made by hand, to see what a store makes of them.</summary>
internal static class Batches
{
    public static SessionDraft Session(string id, BillStatus status, int version) => new(id, status, version);

    /// <summary>Sessions, each with its bill if it has a version, and the counts that follow.</summary>
    public static CommitBatch Of(params SessionDraft[] sessions)
    {
        var batch = new CommitBatch();
        foreach (var session in sessions)
        {
            var id = batch.Texts.Append(Encoding.UTF8.GetBytes(session.Id));
            var record = batch.Texts.Append(Record(session.Id, session.Lines).ToBytes());
            batch.Add(new SessionWrite(
                id, record, session.State, session.Status, session.Version, session.ContentHash, session.TariffsUntil, session.Connector, session.StartedAtNs,
                session.LastEventNs, session.OnlyEventsChanged, 0, null, session.Partition,
                session.Version > 0 ? Bill(session.Id, session.Version, session.Status) : null));
        }
        return batch;
    }

    /// <summary>Commits a batch that rests on the rows as they are.</summary>
    public static void Commit(this IBillStore store, CommitBatch batch)
    {
        foreach (ref var session in batch.Sessions)
        {
            var row = store.FindSession(session.SessionId.In(batch.Texts.Bytes));
            session = session with { Revision = row?.Revision ?? 0, StatusBefore = row?.Status };
        }
        store.Commit(batch, new NoConflict());
    }

    public static SessionRecord Record(string id, params string[] lines)
    {
        var record = new SessionRecord(Encoding.UTF8.GetBytes(id));
        var buffer = new EventBuffer();
        foreach (var line in lines)
        {
            Assert.False(ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(line)), out var e).IsRefused);
            record.Add(e, buffer.Bytes);
        }
        return record;
    }

    public static Bill Bill(string id, int version, BillStatus status, BillFlag flags = BillFlag.None, string readings = "", TariffChange[]? changes = null) => new()
    {
        SessionId = id,
        Version = version,
        Supersedes = version > 1 ? version - 1 : null,
        Status = status,
        Flags = flags,
        RatingReadings = readings,
        TariffChanges = changes ?? [],
        StartedAtNs = EventLines.StartNs,
        EndedAtNs = EventLines.StartNs,
        EnergyMwh = 1000,
        ChargingNs = 0,
        ParkingNs = 0,
        WaitingNs = 0,
        Readings = 0,
    };

    public static CommitBatch At(this CommitBatch batch, LogPartition partition, long nextOffset)
    {
        batch.Advance(partition, new(nextOffset, -1, 0));
        return batch;
    }

    public static CommitBatch Clocked(this CommitBatch batch, long clockNs)
    {
        batch.EventClockNs = clockNs;
        return batch;
    }

    public static CommitBatch Refusing(this CommitBatch batch, string text, long position = 0, string reason = "NotJson", string source = "/events.jsonl", long at = 100)
    {
        batch.Add(new DeadLetter(0, source, 0, position, reason, "A sentence.", Encoding.UTF8.GetBytes(text), false, at));
        return batch;
    }
}

/// <summary>Where no row can have been changed by another.</summary>
internal sealed class NoConflict : IConflictResolver
{
    public void Begin()
    {
    }

    public SessionWrite Resolve(StoredSession row, in SessionWrite write, CommitBatch batch) =>
        throw new InvalidOperationException($"{row.Record.SessionId}: revision {row.Revision}, not {write.Revision}");
}
