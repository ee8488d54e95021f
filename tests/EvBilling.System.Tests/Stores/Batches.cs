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

    public string[] Lines { get; init; } = [EventLines.Line("started", Id, 0, 1000)];
}

/// <summary>Batches made by hand, to see what a store makes of them.</summary>
internal static class Batches
{
    public static SessionDraft Session(string id, BillStatus status, int version) => new(id, status, version);

    /// <summary>Sessions, each with its bill if it has a version, and the counts that follow.</summary>
    public static CommitBatch Of(params SessionDraft[] sessions)
    {
        var batch = new CommitBatch
        {
            Change = new(
                sessions.Length, sessions.Count(s => s.Status == BillStatus.Final), sessions.Count(s => s.Status == BillStatus.Held),
                sessions.Count(s => s.Status == BillStatus.Void)),
        };
        foreach (var session in sessions)
        {
            var id = batch.Texts.Append(Encoding.UTF8.GetBytes(session.Id));
            var record = batch.Texts.Append(Record(session.Id, session.Lines).ToBytes());
            batch.Sessions.Add(new(
                id, record, session.State, session.Status, session.Version, session.ContentHash, session.TariffsUntil, session.Connector,
                session.StartedAtNs, session.LastEventNs, session.OnlyEventsChanged));
            if (session.Version > 0)
            {
                batch.Bills.Add(Bill(session.Id, session.Version, session.Status));
            }
        }
        return batch;
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

    public static Bill Bill(string id, int version, BillStatus status, BillFlag flags = BillFlag.None) => new()
    {
        SessionId = id,
        Version = version,
        Supersedes = version > 1 ? version - 1 : null,
        Status = status,
        Flags = flags,
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
        batch.Advance(partition, nextOffset);
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
