using System.Buffers.Binary;
using System.Security.Cryptography;
using EvBilling.Sessions;

namespace EvBilling.Engine;

/// <summary>
/// A connector as a number, by which a later session on it is found: 64 bits of the SHA-256 of location_id, station_id, evse_id and connector_id as far as
/// they are stated. 0 = neither station nor EVSE is, so that it is not known which connector it was.
/// </summary>
internal static class ConnectorKey
{
    private const byte Separator = 0x1F;

    public static long Hash(SessionRecord record, AssembledSession session)
    {
        if (session.StationText == 0 && session.EvseText == 0)
        {
            return 0;
        }
        // Each id has at most 64 characters of 4 bytes.
        Span<byte> key = stackalloc byte[4 * 257];
        var length = 0;
        foreach (var text in (ReadOnlySpan<int>)[session.LocationText, session.StationText, session.EvseText, session.ConnectorText])
        {
            var id = record.Text(text);
            id.CopyTo(key[length..]);
            length += id.Length;
            key[length++] = Separator;
        }
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key[..length], hash);
        var number = BinaryPrimitives.ReadInt64LittleEndian(hash);
        return number == 0 ? 1 : number;
    }
}
