using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>Gets sessions into the cache, those of a block with one question to the store.</summary>
internal sealed class SessionLoader(IBillStore store, SessionCache cache)
{
    private readonly List<CachedSession> _asked = [];
    private readonly List<TextSlice> _ids = [];
    private TextSlice[] _idArray = [];
    private FoundSession[] _found = [];

    /// <summary>Puts the session of each accepted event of a block beside it; an archived one is marked so, and is not kept.</summary>
    public void Load(RecordBlock block, int batch)
    {
        var texts = block.Buffer.Bytes;
        Begin();
        for (var i = 0; i < block.Records.Count; i++)
        {
            if (!block.Refusals[i].IsRefused)
            {
                block.Sessions[i] = FindOrAsk(block.Events[i].SessionId, texts, batch);
            }
        }
        Answer(texts, batch);
    }

    /// <summary>The sessions of some ids, as far as there are rows of them, and as the rows say: another worker may have written them since they were cached.</summary>
    /// <param name="committedBatch">What this batch, or an older one, last touched is in the store.</param>
    public IEnumerable<CachedSession> Load(IReadOnlyList<byte[]> ids, int batch, int committedBatch)
    {
        cache.Forget(ids, committedBatch);
        var buffer = new EventBuffer();
        var slices = ids.Select(id => buffer.Append(id)).ToList();
        Begin();
        var sessions = slices.Select(id => FindOrAsk(id, buffer.Bytes, batch)).ToList();
        Answer(buffer.Bytes, batch);
        return sessions.Where(session => session.Record.Count > 0);
    }

    private void Begin()
    {
        _asked.Clear();
        _ids.Clear();
    }

    private CachedSession FindOrAsk(TextSlice id, ReadOnlySpan<byte> texts, int batch)
    {
        if (cache.TryFind(id.In(texts), out var session))
        {
            return session;
        }
        session = new CachedSession(new SessionRecord(id.In(texts))) { Batch = batch };
        cache.Add(session);
        _asked.Add(session);
        _ids.Add(id);
        return session;
    }

    private void Answer(ReadOnlySpan<byte> texts, int batch)
    {
        if (_ids.Count == 0)
        {
            return;
        }
        if (_found.Length < _ids.Count)
        {
            _found = new FoundSession[_ids.Count * 2];
            _idArray = new TextSlice[_ids.Count * 2];
        }
        _ids.CopyTo(_idArray);
        var found = _found.AsSpan(0, _ids.Count);
        found.Clear();
        store.FindSessions(_idArray.AsSpan(0, _ids.Count), texts, found);
        for (var i = 0; i < found.Length; i++)
        {
            var session = _asked[i];
            if (found[i].Session is { } row)
            {
                cache.Grew(row.Record.ApproximateBytes - session.Record.ApproximateBytes);
                session.Become(row);
                // What was only read may be given up at once.
                session.Batch = -1;
            }
            else if (found[i].IsArchived)
            {
                session.IsArchived = true;
                cache.Remove(session);
            }
            else
            {
                session.Batch = batch;
            }
        }
        found.Clear();
    }
}
