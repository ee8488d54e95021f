using System.Security.Cryptography;
using System.Text;

namespace EvBilling.Billing.Ocpi;

/// <summary>Ids as OCPI takes them (OCPI 2.2.1 types 16.2, CiString): printable ASCII, up to a length that each member states.</summary>
public static class OcpiId
{
    private const int HashDigits = 16;

    /// <summary>
    /// The id itself where OCPI takes it; else its beginning, '-', and 16 hex digits of the SHA-256 of the whole id in UTF-8, with '_' for what is no printable
    /// ASCII: the same id gives the same text everywhere, and two ids never meet by accident.
    /// </summary>
    /// <param name="lengthMax">Over 17.</param>
    public static string Of(string id, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (IsCiString(id, lengthMax))
        {
            return id;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..HashDigits];
        var head = id[..Math.Min(id.Length, lengthMax - HashDigits - 1)];
        return string.Concat(head.Select(character => IsPrintable(character) ? character : '_')) + "-" + hash;
    }

    /// <summary>Whether OCPI takes the text as it is.</summary>
    public static bool IsCiString(string? text, int lengthMax) => text is { Length: > 0 } && text.Length <= lengthMax && text.All(IsPrintable);

    private static bool IsPrintable(char character) => character is >= ' ' and <= '~';
}
