using System.Diagnostics.CodeAnalysis;

namespace EvBilling;

/// <summary>
/// A currency of ISO 4217, with the number of its minor-unit digits. Withdrawn ones that old tariffs may still carry are among them (HRK, ANG, ...).
/// <c>default</c> is <see cref="None"/>; equality is that of the code.
/// </summary>
public readonly record struct Currency
{
    // Codes by minor units (ISO 4217 list one); all that are not listed with 0, 3 or 4 digits have 2.
    private const string NoDigits = "XXX BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    private const string ThreeDigits = "BHD IQD JOD KWD LYD OMR TND";
    private const string FourDigits = "CLF UYW";

    private const string TwoDigits =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE " +
        "CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR " +
        "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR " +
        "SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL";

    private static readonly string[] Codes = [.. NoDigits.Split(' '), .. TwoDigits.Split(' '), .. ThreeDigits.Split(' '), .. FourDigits.Split(' ')];

    private static readonly byte[] Digits =
    [
        .. NoDigits.Split(' ').Select(_ => (byte)0), .. TwoDigits.Split(' ').Select(_ => (byte)2),
        .. ThreeDigits.Split(' ').Select(_ => (byte)3), .. FourDigits.Split(' ').Select(_ => (byte)4),
    ];

    // By three capital letters; 0 where there is none.
    private static readonly byte[] IndexOfLetters = IndexesOfLetters();

    private readonly byte _index;

    private Currency(int index) => _index = (byte)index;

    /// <summary>No currency: ISO 4217's XXX.</summary>
    public static Currency None => default;

    /// <summary>The three capital letters, "EUR".</summary>
    public string Code => Codes[_index];

    /// <summary>Digits after the point of the smallest amount that can be paid: 2 for EUR, 0 for JPY, 3 for KWD.</summary>
    public byte MinorUnits => Digits[_index];

    /// <summary>Reads a code in capital or small letters. False for what ISO 4217 does not list, and for XXX.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, out Currency currency)
    {
        var index = code is { Length: 3 } ? Array.FindIndex(Codes, known => string.Equals(known, code, StringComparison.OrdinalIgnoreCase)) : 0;
        currency = new Currency(Math.Max(0, index));
        return index > 0;
    }

    /// <summary>Finds a code in capital letters. False for what ISO 4217 does not list, and for XXX.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> capitals, out Currency currency)
    {
        var index = 0;
        if (capitals.Length == 3 && capitals[0] is >= (byte)'A' and <= (byte)'Z' && capitals[1] is >= (byte)'A' and <= (byte)'Z' && capitals[2] is >= (byte)'A' and <= (byte)'Z')
        {
            index = IndexOfLetters[LetterIndex(capitals[0], capitals[1], capitals[2])];
        }
        currency = new Currency(index);
        return index > 0;
    }

    /// <inheritdoc cref="TryParse"/>
    /// <exception cref="FormatException">No such code.</exception>
    public static Currency Parse(string code) =>
        TryParse(code, out var currency) ? currency : throw new FormatException($"'{code}' is no currency of ISO 4217.");

    public override string ToString() => Code;

    private static int LetterIndex(int first, int second, int third) => (((first - 'A') * 26) + second - 'A') * 26 + third - 'A';

    private static byte[] IndexesOfLetters()
    {
        var indexes = new byte[26 * 26 * 26];
        for (var i = 1; i < Codes.Length; i++)
        {
            indexes[LetterIndex(Codes[i][0], Codes[i][1], Codes[i][2])] = (byte)i;
        }
        return indexes;
    }
}
