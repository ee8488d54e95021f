namespace EvBilling.Storage;

/// <summary>
/// A Bloom filter of the session ids in the store: a new session, the common case, need not be looked for. Written by the thread that commits and read by
/// the one that assembles; an id is there before its batch counts as committed. All bits of an id lie in one line of the processor's cache.
/// </summary>
internal sealed class SessionIdFilter
{
    private const int Probes = 4;
    private const int BitsPerId = 12;
    private const long BitsMin = 1L << 26;
    private const long BitsMax = 1L << 28;

    private const int LineWords = 8;
    private const int LineBitsLog2 = 9;

    private readonly ulong[] _words;
    private readonly ulong _lineMask;

    /// <param name="expected">How many ids there are; far more make it useless, not wrong.</param>
    public SessionIdFilter(long expected)
    {
        var bits = BitsMin;
        while (bits < expected * BitsPerId && bits < BitsMax)
        {
            bits *= 2;
        }
        _words = new ulong[bits / 64];
        _lineMask = (ulong)(bits >> LineBitsLog2) - 1;
    }

    /// <summary>Whether that many ids are worth being read into a filter.</summary>
    public static bool IsWorthwhile(long expected) => expected < BitsMax / 4;

    public void Add(ReadOnlySpan<byte> id)
    {
        var (line, bits) = Hash(id);
        for (var i = 0; i < Probes; i++, bits >>= LineBitsLog2)
        {
            Interlocked.Or(ref _words[Word(line, bits)], 1UL << (int)(bits % 64));
        }
    }

    public bool MayContain(ReadOnlySpan<byte> id)
    {
        var (line, bits) = Hash(id);
        for (var i = 0; i < Probes; i++, bits >>= LineBitsLog2)
        {
            if ((Volatile.Read(ref _words[Word(line, bits)]) & (1UL << (int)(bits % 64))) == 0)
            {
                return false;
            }
        }
        return true;
    }

    // Of the line's 512 bits the nine lowest bits tell which: first the one in the word, then the word.
    private ulong Word(ulong line, ulong bits) => ((line & _lineMask) * LineWords) + ((bits / 64) % LineWords);

    private static (ulong Line, ulong Bits) Hash(ReadOnlySpan<byte> id)
    {
        unchecked
        {
            var a = 0x9E37_79B9_7F4A_7C15UL ^ (ulong)id.Length;
            foreach (var unit in id)
            {
                a = (a ^ unit) * 0x0000_0100_0000_01B3;
            }
            a ^= a >> 32;
            a *= 0xD6E8_FEB8_6659_FD93;
            a ^= a >> 32;
            var b = a * 0xA076_1D64_78BD_642F;
            return (a, b ^ (b >> 29));
        }
    }
}
