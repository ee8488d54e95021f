using System.Runtime.InteropServices;
using EvBilling.Billing;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// An open session that nothing came for lately, as one array: what of it is beside its events, its id, and its events' stored form. It takes a third of the memory
/// that a session takes which events are added to.
/// </summary>
internal static class PackedSession
{
    /// <summary>What an array takes beside its content: its header, and its place in a hash set that has grown.</summary>
    public const int OverheadBytes = 56;

    private static readonly int HeaderBytes = Marshal.SizeOf<Header>();

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Header
    {
        public ushort SessionIdLength;
        public int Revision;
        public int Partition;
        public int Batch;
        public int WrittenIn;
        public long LastEventNs;
        public long ConnectorHash;
        public long StartedAtNs;
    }

    /// <summary>Whether it can be packed: it is as in the store, is open, has never had a bill, and this run has written it.</summary>
    public static bool IsFit(CachedSession session) =>
        session is { IsDirty: false, HasNews: false, Written.State: SessionState.Open, Standing: { State: SessionState.Open, Version: 0, TariffsUntil: null } };

    public static byte[] Pack(CachedSession session)
    {
        var id = session.Record.SessionIdUtf8;
        var written = session.Written!.Value;
        var header = new Header
        {
            SessionIdLength = checked((ushort)id.Length),
            Revision = session.Revision,
            Partition = session.Partition,
            Batch = session.Batch,
            WrittenIn = session.WrittenIn,
            LastEventNs = session.Standing.LastEventNs,
            ConnectorHash = written.ConnectorHash,
            StartedAtNs = written.StartedAtNs,
        };
        var stored = session.Record.ToBytes();
        var packed = new byte[HeaderBytes + id.Length + stored.Length];
        MemoryMarshal.Write(packed, header);
        id.CopyTo(packed.AsSpan(HeaderBytes));
        stored.CopyTo(packed.AsSpan(HeaderBytes + id.Length));
        return packed;
    }

    public static CachedSession Unpack(ReadOnlySpan<byte> packed)
    {
        var header = MemoryMarshal.Read<Header>(packed);
        var stored = packed[(HeaderBytes + header.SessionIdLength)..];
        return new CachedSession(SessionRecord.Parse(SessionId(packed), stored))
        {
            Standing = new() { State = SessionState.Open, Status = BillStatus.Open, LastEventNs = header.LastEventNs },
            Revision = header.Revision,
            Partition = header.Partition,
            Batch = header.Batch,
            WrittenIn = header.WrittenIn,
            Written = new(SessionState.Open, BillStatus.Open, 0, header.ConnectorHash, header.StartedAtNs),
        };
    }

    public static ReadOnlySpan<byte> SessionId(ReadOnlySpan<byte> packed) => packed.Slice(HeaderBytes, MemoryMarshal.Read<Header>(packed).SessionIdLength);

    /// <summary>The number of the partition that its newest event came from; -1 = none with a number.</summary>
    public static int Partition(ReadOnlySpan<byte> packed) => MemoryMarshal.Read<Header>(packed).Partition;
}
