using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using EvBilling.Billing;

namespace EvBilling.Engine;

/// <summary>Tells whether a new version is due: 128 bits of the SHA-256 of the bill's JSON without version and supersedes.</summary>
public sealed class BillContent : IDisposable
{
    private readonly ArrayBufferWriter<byte> _json = new(4096);
    private readonly Utf8JsonWriter _writer;

    public BillContent() => _writer = new Utf8JsonWriter(_json, new JsonWriterOptions { SkipValidation = true });

    public ContentHash Hash(Bill bill)
    {
        _json.ResetWrittenCount();
        _writer.Reset();
        BillJson.WriteContent(_writer, bill);
        _writer.Flush();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_json.WrittenSpan, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    public void Dispose() => _writer.Dispose();
}
