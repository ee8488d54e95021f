using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EvBilling.Json;

/// <summary>
/// Tells whether a member's name may have come before in its object. It compares hashes, so that it may say so of two that differ, but never misses two that are equal.
/// </summary>
internal ref struct MemberNames
{
    /// <summary>Objects within objects that there is room for.</summary>
    public const int DepthMax = 12;

    public const int RoomBytes = DepthMax * WordsPerDepth * sizeof(ulong);

    private const int NamesMax = 48;

    // Of 512 bits, one for some bits of a hash: names that share one are few.
    private const int BitWords = 8;
    private const int WordsPerDepth = BitWords + NamesMax;

    private readonly ref ulong _bits;
    private int _count;

    /// <param name="depth">0 for the outermost object, under <see cref="DepthMax"/>.</param>
    public MemberNames(in PaddedText text, int depth)
    {
        _bits = ref Unsafe.Add(ref text.Names, depth * WordsPerDepth);
        Vector512<ulong>.Zero.StoreUnsafe(ref _bits);
    }

    /// <summary>False: it may have come before, or there are too many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(in MemberName name)
    {
        unchecked
        {
            var hash = name.Hash;
            ref var word = ref Unsafe.Add(ref _bits, (nuint)(hash >> 61));
            var bit = 1UL << (int)(hash >> 55);
            if (((word & bit) != 0 && Has(ref _bits, _count, hash)) || _count == NamesMax)
            {
                return false;
            }
            word |= bit;
            Unsafe.Add(ref _bits, (nuint)(uint)(BitWords + _count)) = hash;
            _count++;
            return true;
        }
    }

    // Not of this struct, whose fields stay in registers where nothing has its address; and no call, for which the caller would put its own aside.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Has(scoped ref ulong bits, int count, ulong hash)
    {
        for (var i = 0; i < count; i++)
        {
            if (Unsafe.Add(ref bits, BitWords + i) == hash)
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>The name of a member within a <see cref="PaddedText"/>, without escapes.</summary>
internal readonly ref struct MemberName
{
    private const ulong Odd = 0x9E37_79B9_7F4A_7C15;

    private readonly ref byte _first;

    public MemberName(ref byte first, int length)
    {
        _first = ref first;
        Length = length;
    }

    /// <summary>In bytes.</summary>
    public int Length { get; }

    public ulong Hash
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            unchecked
            {
                var start = Unsafe.ReadUnaligned<ulong>(ref _first);
                var mixed = Length < sizeof(ulong)
                    ? start & ((1UL << (Length * 8)) - 1)
                    : start + (ulong.RotateLeft(Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref _first, (nuint)(uint)(Length - sizeof(ulong)))), 23) * 5);
                return (mixed ^ ((ulong)(uint)Length << 56)) * Odd;
            }
        }
    }

    /// <summary>Whether it is <paramref name="name"/>, which has the same length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Is(ReadOnlySpan<byte> name) => JsonScanner.StartsWith(ref _first, name);
}
