using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EvBilling.Engine;
using EvBilling.Sessions;

namespace EvBilling.Storage;

/// <summary>What all stores write and read in the same form.</summary>
internal static class StoredForms
{
    private const int DigestBytes = 16;

    /// <summary>Tells whether a dead letter is there already: the same record refused again (standard input is read from its start each time) is one.</summary>
    public static byte[] Digest(DeadLetter letter)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{letter.Source}\0{letter.Partition}\0{letter.Position}\0{letter.Reason}\0")));
        hash.AppendData(letter.Bytes.Span);
        return hash.GetHashAndReset()[..DigestBytes];
    }

    /// <summary>Tells one tariff or location from another.</summary>
    public static string Hash(ReadOnlyMemory<byte> json) => Convert.ToHexStringLower(SHA256.HashData(json.Span));

    /// <exception cref="BillStoreException">The record is damaged.</exception>
    public static SessionRecord Record(ReadOnlySpan<byte> sessionId, ReadOnlySpan<byte> record)
    {
        try
        {
            return SessionRecord.Parse(sessionId, record);
        }
        catch (FormatException e)
        {
            throw new BillStoreException($"The session {Encoding.UTF8.GetString(sessionId)} in the store cannot be read: {e.Message}", e);
        }
    }
}
