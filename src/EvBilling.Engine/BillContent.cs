using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>
/// Tells whether a new version is due: 128 bits of the SHA-256 of all that a bill says but its version. The layout is frozen by a test: another one would give
/// every bill that is worked out anew a new version.
/// </summary>
public sealed class BillContent
{
    private const byte Layout = 1;

    private byte[] _bytes = new byte[2048];
    private int _length;

    public ContentHash Hash(Bill bill)
    {
        _length = 0;
        Add(Layout);
        Add(bill.SessionId);
        Add((long)bill.Status);
        Add((long)bill.Flags);
        Add(bill.LocationId);
        Add(bill.StationId);
        Add(bill.EvseId);
        Add(bill.ConnectorId);
        Add(bill.TokenId);
        Add(bill.TariffId);
        Add(bill.Currency);
        Add(bill.StartedAtNs);
        Add(bill.EndedAtNs);
        Add(bill.EnergyMwh ?? -1);
        Add(bill.ChargingNs);
        Add(bill.ParkingNs);
        Add(bill.WaitingNs);
        Add(bill.TotalExclVat);
        Add(bill.TotalInclVat);
        Add(bill.VatBreakdown.Count);
        foreach (var row in bill.VatBreakdown)
        {
            Add(row.Rate);
            Add(row.Base);
            Add(row.Amount);
        }
        Add(bill.Lines.Count);
        foreach (var line in bill.Lines)
        {
            Add(line.Dimension);
            Add(line.FromUnixNs);
            Add(line.ToUnixNs);
            Add(line.Quantity);
            Add(line.UnitPrice);
            Add(line.StepSize);
            Add(line.AmountExclVat);
            Add(line.VatRate);
            Add(line.AmountVat);
            Add(line.Element);
            Add(line.Component);
        }
        Add(bill.Readings);
        // By the default readings a bill's content is what it was before there were others.
        if (bill.RatingReadings.Length > 0)
        {
            Add(bill.RatingReadings);
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_bytes.AsSpan(0, _length), hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    private void Add(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    private void Add(string? text)
    {
        if (text is null)
        {
            Add(-1L);
            return;
        }
        Add(text.Length);
        var to = Reserve(text.Length * 2);
        MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(to);
    }

    // Without trailing zeros, so that equal numbers have equal bits.
    private void Add(decimal? value)
    {
        Add(value is null ? 0L : 1L);
        if (value is { } known)
        {
            Span<int> bits = stackalloc int[4];
            decimal.GetBits(Exact.Trim(known), bits);
            foreach (var part in bits)
            {
                BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), part);
            }
        }
    }

    private Span<byte> Reserve(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }
        var reserved = _bytes.AsSpan(_length, length);
        _length += length;
        return reserved;
    }
}
