using System.Security.Cryptography;
using System.Text;

namespace EvBilling.Functions.Callers;

/// <summary>Compares a key with the one of the settings in constant time, whatever its length.</summary>
internal sealed class KeyCheck(string key)
{
    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public bool IsRight(string given) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _hash);
}
