using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EvBilling.Json;

/// <summary>
/// A JSON text copied to where <see cref="JsonScanner"/> may look some bytes before its start and beyond its end, which is followed by zeros: no JSON token has
/// a zero byte, so that no reader passes them. Behind them is room for the names of members.
/// </summary>
internal readonly ref struct PaddedText
{
    /// <summary>How far a scanner may look beyond the byte it is at.</summary>
    public const int Padding = 64;

    /// <summary>Longer texts are left to the full reader.</summary>
    public const int LengthMax = 1 << 20;

    private const int Lead = 16;

    private readonly byte[] _buffer;
    private readonly int _length;

    /// <param name="utf8">At most <see cref="LengthMax"/> bytes.</param>
    public PaddedText(ReadOnlySpan<byte> utf8)
    {
        _length = utf8.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(Lead + _length + Padding + MemberNames.RoomBytes);
        utf8.CopyTo(_buffer.AsSpan(Lead));
        _buffer.AsSpan(Lead + _length, Padding).Clear();
    }

    public ref byte First => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), Lead);

    /// <summary>Just behind the text.</summary>
    public ref byte End => ref Unsafe.Add(ref First, _length);

    public ref ulong Names => ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref First, _length + Padding));

    public void Return() => ArrayPool<byte>.Shared.Return(_buffer);
}
