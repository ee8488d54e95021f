using EvBilling.Locations;

namespace EvBilling.Billing.Ocpi;

/// <summary>eMA IDs (ISO 15118, eMI3 part 2), which name a token's issuer: country, provider, instance, and a check digit where there is one.</summary>
internal static class EmaId
{
    private const int CountryLength = 2;
    private const int ProviderLength = 3;

    /// <summary>Who issued the token: of DE-8AC-C12E46L89 and of DE8ACC12E46L89 it is DE, 8AC. False if the text is no eMA ID.</summary>
    public static bool TryIssuer(string id, out string countryCode, out string partyId)
    {
        var text = id.ToUpperInvariant();
        string[] parts = text.Split('-', '*');
        (countryCode, partyId) = parts switch
        {
            [{ Length: CountryLength } country, { Length: ProviderLength } provider, { Length: 6 or 9 }] => (country, provider),
            [{ Length: CountryLength } country, { Length: ProviderLength } provider, { Length: 6 or 9 }, { Length: 1 }] => (country, provider),
            // Without separators the uid of a card looks much alike: so a contract's C is wanted, and something that is no hex digit.
            [{ Length: 14 or 15 }] when text[CountryLength + ProviderLength] == 'C' && !text.All(char.IsAsciiHexDigit) =>
                (text[..CountryLength], text.Substring(CountryLength, ProviderLength)),
            _ => ("", ""),
        };
        return parts.All(part => part.All(char.IsAsciiLetterOrDigit)) && CountryCodes.Alpha2(countryCode) is not null;
    }
}
