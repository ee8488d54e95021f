using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using EvBilling.Json;

namespace EvBilling.Tariffs;

/// <summary>
/// The quick way to read a tariff whose JSON is plain and that nothing is to be said about. It knows no errors: what it does not read, be it valid or not, is left
/// to <see cref="TariffReader"/>, which reads the same from what this reads.
/// </summary>
internal static class QuickTariffReader
{
    private const int IdLengthMax = 255;

    /// <returns>False: it is left to the full reader.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, OcpiVersion? version, [NotNullWhen(true)] out Tariff? tariff)
    {
        tariff = null;
        if (!PaddedText.TryTake(utf8, out var text))
        {
            return false;
        }
        var facts = new TariffFacts();
        if (TryRead(text, facts))
        {
            tariff = facts.Tariff(text, version);
        }
        text.Return();
        return tariff is not null;
    }

    /// <summary>Reads what a tariff states.</summary>
    /// <returns>False: it is left to the full reader.</returns>
    public static bool TryRead(scoped in PaddedText text, TariffFacts facts)
    {
        facts.Clear();
        ref var at = ref ReadMembers(ref JsonScanner.Next(ref text.First, 0), text, facts);
        at = ref JsonScanner.Next(ref at, 0);
        return Unsafe.AreSame(ref at, ref text.End) && facts.AreComplete;
    }

    private static ref byte ReadMembers(ref byte at, scoped in PaddedText text, TariffFacts facts)
    {
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 0);
        var seen = TariffMember.Other;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            ref var value = ref JsonScanner.Member(ref at, text, out var name, out var length, out var behind);
            var member = Find(name);
            if (member == TariffMember.Other ? !others.TryAdd(name) : (seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            at = ref member == TariffMember.Other ? ref JsonScanner.SkipValue(ref at, ref value, behind, text, 1)
                : ref value == 'n' ? ref JsonScanner.Literal(ref value)
                : ref ReadMember(member, ref value, length, text, facts);
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref at;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TariffMember Find(in MemberName name) => name.Length switch
    {
        2 when name.Is("id"u8) => TariffMember.Id,
        4 when name.Is("type"u8) => TariffMember.Type,
        8 when name.Is("party_id"u8) => TariffMember.PartyId,
        8 when name.Is("currency"u8) => TariffMember.Currency,
        8 when name.Is("elements"u8) => TariffMember.Elements,
        9 when name.Is("min_price"u8) => TariffMember.MinPrice,
        9 when name.Is("max_price"u8) => TariffMember.MaxPrice,
        12 when name.Is("country_code"u8) => TariffMember.CountryCode,
        12 when name.Is("tax_included"u8) => TariffMember.TaxIncluded,
        12 when name.Is("last_updated"u8) => TariffMember.LastUpdated,
        13 when name.Is("end_date_time"u8) => TariffMember.End,
        15 when name.Is("start_date_time"u8) => TariffMember.Start,
        _ => TariffMember.Other,
    };

    private static ref byte ReadMember(TariffMember member, ref byte at, int length, scoped in PaddedText text, TariffFacts facts)
    {
        facts.Stated |= member;
        switch (member)
        {
            case TariffMember.Start:
                return ref PlainTime.Read(ref at, out facts.StartNs);
            case TariffMember.End:
                return ref PlainTime.Read(ref at, out facts.EndNs);
            case TariffMember.LastUpdated:
                return ref PlainTime.Read(ref at, out facts.LastUpdatedNs);
            case TariffMember.MinPrice:
                return ref QuickElementReader.ReadLimit(ref at, text, ref facts.MinPrice);
            case TariffMember.MaxPrice:
                return ref QuickElementReader.ReadLimit(ref at, text, ref facts.MaxPrice);
            case TariffMember.Elements:
                return ref QuickElementReader.ReadElements(ref at, text, facts);
            default:
                return ref ReadText(member, ref at, length, text, facts);
        }
    }

    private static ref byte ReadText(TariffMember member, ref byte at, int length, scoped in PaddedText text, TariffFacts facts)
    {
        at = ref JsonScanner.Text(ref at, length, text, out var read);
        var isRead = true;
        switch (member)
        {
            case TariffMember.Id:
                facts.Id = text.Range(read);
                // A byte or more makes a character.
                isRead = read.Length is > 0 and <= IdLengthMax;
                break;
            case TariffMember.CountryCode:
                facts.CountryCode = text.Range(read);
                break;
            case TariffMember.PartyId:
                facts.PartyId = text.Range(read);
                break;
            case TariffMember.Type:
                facts.Type = text.Range(read);
                break;
            case TariffMember.Currency:
                isRead = Currency.TryFind(read, out facts.Currency);
                break;
            default:
                facts.TaxIncluded = read.SequenceEqual("YES"u8) ? TaxIncluded.Yes : read.SequenceEqual("NO"u8) ? TaxIncluded.No
                    : read.SequenceEqual("N/A"u8) ? TaxIncluded.NotApplicable : TaxIncluded.NotStated;
                isRead = facts.TaxIncluded != TaxIncluded.NotStated;
                break;
        }
        return ref isRead ? ref at : ref JsonScanner.Nowhere;
    }
}
