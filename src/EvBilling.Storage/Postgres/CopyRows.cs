using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>
/// Rows in the form of COPY ... WITH (FORMAT binary), written by hand: UTF-8 goes from the batch to the socket without becoming strings. Columns are written in
/// order, as many as <see cref="Row"/> announces.
/// </summary>
internal sealed class CopyRows
{
    private const int FlushBytes = 64 * 1024;
    private const int TextTypeId = 25;
    private const long NsPerUs = 1000;
    private const long UsFrom1970To2000 = 946_684_800_000_000;

    // The signature, no flags, no extension.
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    private byte[] _bytes = new byte[FlushBytes * 2];
    private int _length;
    private Stream? _stream;

    /// <summary>Copies the rows that <paramref name="write"/> writes; none is there if it fails.</summary>
    public void Copy(NpgsqlConnection connection, string table, string columns, Action<CopyRows> write)
    {
        using var stream = connection.BeginRawBinaryCopy($"COPY {table}({columns}) FROM STDIN (FORMAT binary)");
        _stream = stream;
        _length = 0;
        try
        {
            Append(Header);
            write(this);
            BinaryPrimitives.WriteInt16BigEndian(Take(2), -1);
            stream.Write(_bytes, 0, _length);
        }
        catch
        {
            stream.Cancel();
            throw;
        }
        finally
        {
            _stream = null;
        }
    }

    public void Row(int columns)
    {
        if (_length >= FlushBytes)
        {
            _stream!.Write(_bytes, 0, _length);
            _length = 0;
        }
        BinaryPrimitives.WriteInt16BigEndian(Take(2), (short)columns);
    }

    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    public void Boolean(bool value)
    {
        var to = Take(5);
        BinaryPrimitives.WriteInt32BigEndian(to, 1);
        to[4] = value ? (byte)1 : (byte)0;
    }

    public void Smallint(int value)
    {
        var to = Take(6);
        BinaryPrimitives.WriteInt32BigEndian(to, 2);
        BinaryPrimitives.WriteInt16BigEndian(to[4..], (short)value);
    }

    public void Integer(int? value)
    {
        if (value is not { } known)
        {
            Null();
            return;
        }
        var to = Take(8);
        BinaryPrimitives.WriteInt32BigEndian(to, 4);
        BinaryPrimitives.WriteInt32BigEndian(to[4..], known);
    }

    public void Bigint(long? value)
    {
        if (value is not { } known)
        {
            Null();
            return;
        }
        var to = Take(12);
        BinaryPrimitives.WriteInt32BigEndian(to, 8);
        BinaryPrimitives.WriteInt64BigEndian(to[4..], known);
    }

    /// <summary>Bytes, or UTF-8 without a zero, or JSON.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(4), value.Length);
        Append(value);
    }

    /// <summary>Text from outside; PostgreSQL has no letter of number 0, which becomes U+FFFD.</summary>
    public void Utf8(ReadOnlySpan<byte> value)
    {
        if (value.Contains((byte)0))
        {
            Text(Encoding.UTF8.GetString(value));
            return;
        }
        Bytes(value);
    }

    /// <inheritdoc cref="Utf8"/>
    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }
        value = value.Contains('\0', StringComparison.Ordinal) ? value.Replace('\0', '\uFFFD') : value;
        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        Reserve(4 + longest);
        var written = Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length + 4));
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_length), written);
        _length += 4 + written;
    }

    public void Texts(IReadOnlyCollection<string> values)
    {
        var start = _length;
        BinaryPrimitives.WriteInt32BigEndian(Take(4), 0);
        // Dimensions, no nulls, the elements' type; then, unless empty, length and lowest index.
        BinaryPrimitives.WriteInt32BigEndian(Take(4), values.Count == 0 ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), 0);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), TextTypeId);
        if (values.Count > 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(Take(4), values.Count);
            BinaryPrimitives.WriteInt32BigEndian(Take(4), 1);
        }
        foreach (var value in values)
        {
            Text(value);
        }
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), _length - start - 4);
    }

    /// <summary>A time of whole microseconds.</summary>
    /// <returns>What is left over, 0 to 999 ns.</returns>
    public int TimeNs(long unixNs)
    {
        var us = Math.DivRem(unixNs, NsPerUs, out var restNs);
        if (restNs < 0)
        {
            (us, restNs) = (us - 1, restNs + NsPerUs);
        }
        Bigint(us - UsFrom1970To2000);
        return (int)restNs;
    }

    public void TimeSeconds(long unixSeconds) => Bigint((unixSeconds * 1_000_000) - UsFrom1970To2000);

    /// <summary><paramref name="value"/> / 10^<paramref name="scale"/>, exactly.</summary>
    public void Numeric(long? value, int scale)
    {
        if (value is not { } known)
        {
            Null();
            return;
        }
        for (; scale > 0 && known % 10 == 0; scale--)
        {
            known /= 10;
        }
        Numeric((UInt128)Int128.Abs(known), known < 0, scale);
    }

    public void Numeric(decimal? value)
    {
        if (value is not { } known)
        {
            Null();
            return;
        }
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(known, bits);
        var magnitude = ((UInt128)unchecked((uint)bits[2]) << 64) | ((UInt128)unchecked((uint)bits[1]) << 32) | unchecked((uint)bits[0]);
        Numeric(magnitude, bits[3] < 0, known.Scale);
    }

    // Digits of base 10,000, the first of weight 10,000^weight, without zeros at either end.
    private void Numeric(UInt128 magnitude, bool isNegative, int scale)
    {
        const int Base = 10_000;
        Span<short> digits = stackalloc short[16];
        var fraction = (scale + 3) / 4;
        for (var pad = (fraction * 4) - scale; pad > 0; pad--)
        {
            magnitude *= 10;
        }
        var count = 0;
        for (; magnitude > ulong.MaxValue; magnitude /= Base)
        {
            digits[count++] = (short)(magnitude % Base);
        }
        for (var small = (ulong)magnitude; small > 0; small /= Base)
        {
            digits[count++] = (short)(small % Base);
        }
        var weight = count - fraction - 1;
        var least = 0;
        while (least < count && digits[least] == 0)
        {
            least++;
        }
        var kept = count - least;
        var to = Take(12 + (kept * 2));
        BinaryPrimitives.WriteInt32BigEndian(to, 8 + (kept * 2));
        BinaryPrimitives.WriteInt16BigEndian(to[4..], (short)kept);
        BinaryPrimitives.WriteInt16BigEndian(to[6..], (short)(kept == 0 ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(to[8..], isNegative && kept > 0 ? (ushort)0x4000 : (ushort)0);
        BinaryPrimitives.WriteInt16BigEndian(to[10..], (short)scale);
        for (var i = 0; i < kept; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(to[(12 + (i * 2))..], digits[count - 1 - i]);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int length)
    {
        Reserve(length);
        var taken = _bytes.AsSpan(_length, length);
        _length += length;
        return taken;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }
    }
}
