using System.Diagnostics.CodeAnalysis;
using EvBilling.Json;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cdrs;

/// <summary>
/// Rates CDRs by tariffs straight from their JSON, by EvBilling's own readings: the same as <see cref="TariffReader"/>, <see cref="CompiledTariff"/>,
/// <see cref="CdrReader"/> and <see cref="Rater"/> one after the other, without objects in between. It works in rooms of its own, which it uses again and which grow to the longest text;
/// nothing of one tariff or CDR is kept for the next. Not for several threads at once.
/// </summary>
public sealed class TextRater
{
    private readonly TariffFacts _facts = new();
    private readonly QuickCdrRoom _cdr = new();
    private readonly CompiledTariff _quick;
    private byte[] _tariffText = [];
    private int _tariffLength;
    private OcpiVersion? _version;
    private CompiledTariff? _tariff;

    public TextRater() => _quick = new CompiledTariff(ReadTariff);

    /// <summary>What the reading of the last CDR noted, beside what its rating notes in the result.</summary>
    public RatingFlags CdrFlags { get; private set; }

    /// <summary>What rates; null = no tariff was set, or the last one was refused.</summary>
    internal CompiledTariff? Tariff => _tariff;

    /// <summary>Whether the tariff that was set went straight from its text to its tables.</summary>
    internal bool IsQuick => _tariff == _quick;

    /// <summary>Reads the tariff that rates from here on, and makes it ready.</summary>
    /// <param name="utf8Json">The JSON text of one tariff, all of which is validated.</param>
    /// <param name="version">The version it is written in; null = 2.3.0 if it states <c>tax_included</c>, else 2.2.1.</param>
    /// <param name="refusal">Set where it returns false: path within the tariff, what, remedy.</param>
    public bool TrySetTariff(ReadOnlyMemory<byte> utf8Json, OcpiVersion? version, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        refusal = null;
        _tariff = null;
        if (PaddedText.TryTake(utf8Json.Span, ref _tariffText, out var text) && QuickTariffReader.TryRead(text, _facts))
        {
            (_version, _tariffLength) = (version, utf8Json.Length);
            if (_quick.TryBecome(_facts, version))
            {
                _tariff = _quick;
                return true;
            }
        }
        return TariffReader.TryRead(utf8Json, version, out var read, out refusal) && CompiledTariff.TryCompile(read, null, out _tariff, out refusal);
    }

    /// <summary>Rates a CDR by the tariff that was set.</summary>
    /// <param name="utf8Json">The JSON text of a CDR, all of which is validated.</param>
    /// <param name="zone">Where local time comes from; null only for a tariff that needs none.</param>
    /// <param name="result">Takes the result. Totals and lines can be had of it until another tariff is set.</param>
    /// <param name="rated">What was rated; holds until the next CDR is rated.</param>
    /// <param name="refusal">Set where it returns false, the CDR could not be read: path within it, what, remedy.</param>
    /// <exception cref="InvalidOperationException">No tariff was set, or the last one was refused.</exception>
    public bool TryRate(ReadOnlyMemory<byte> utf8Json, RatingZone? zone, RatingResult result, out RatingSession rated, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(result);
        var tariff = _tariff ?? throw new InvalidOperationException("There is no tariff to rate by; please set one that can be read.");
        refusal = null;
        CdrFlags = RatingFlags.None;
        if (!QuickCdrReader.TryRead(utf8Json.Span, _cdr, zone, out rated))
        {
            if (!CdrReader.TryRead(utf8Json, RatingOptions.Default, out var cdr, out refusal))
            {
                return false;
            }
            rated = cdr.Session(zone);
            CdrFlags = cdr.Flags;
        }
        Rater.Rate(rated, tariff, result);
        return true;
    }

    // Only plain texts are read in this way, which the full reader reads too.
    private Tariff ReadTariff() =>
        TariffReader.TryRead(_tariffText.AsMemory(PaddedText.Start, _tariffLength), _version, out var tariff, out var refusal) ? tariff : throw new InvalidOperationException(refusal.Message);
}
