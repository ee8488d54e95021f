using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using EvBilling.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>
/// The quick way to read a tariff whose JSON is plain and that nothing is to be said about. It knows no errors: what it does not read, be it valid or not, is left
/// to <see cref="TariffReader"/>, which reads the same from what this reads.
/// </summary>
internal static class QuickTariffReader
{
    private const int NanosecondsPerTick = 100;
    private const int IdLengthMax = 255;

    [Flags]
    private enum Member
    {
        Other = 0,
        Id = 1,
        CountryCode = 2,
        PartyId = 4,
        Currency = 8,
        Type = 16,
        TaxIncluded = 32,
        MinPrice = 64,
        MaxPrice = 128,
        Elements = 256,
        Start = 512,
        End = 1024,
        LastUpdated = 2048,
    }

    /// <returns>False: it is left to the full reader.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, OcpiVersion? version, [NotNullWhen(true)] out Tariff? tariff)
    {
        tariff = null;
        if (!PaddedText.TryTake(utf8, out var text))
        {
            return false;
        }
        var facts = default(Facts);
        ref var at = ref ReadMembers(ref JsonScanner.Next(ref text.First, 0), text, ref facts);
        at = ref JsonScanner.Next(ref at, 0);
        if (Unsafe.AreSame(ref at, ref text.End) && facts.AreComplete)
        {
            tariff = facts.Tariff(version);
        }
        text.Return();
        return tariff is not null;
    }

    private static ref byte ReadMembers(ref byte at, scoped in PaddedText text, scoped ref Facts facts)
    {
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 0);
        var seen = Member.Other;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var member = Find(name);
            if (member == Member.Other ? !others.TryAdd(name) : (seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            at = ref member == Member.Other ? ref JsonScanner.Skip(ref at, text, 1)
                : ref at == 'n' ? ref JsonScanner.Literal(ref at)
                : ref ReadMember(member, ref at, text, ref facts);
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                return ref at == '}' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
    }

    private static Member Find(in MemberName name) => name.Length switch
    {
        2 when name.Is("id"u8) => Member.Id,
        4 when name.Is("type"u8) => Member.Type,
        8 when name.Is("party_id"u8) => Member.PartyId,
        8 when name.Is("currency"u8) => Member.Currency,
        8 when name.Is("elements"u8) => Member.Elements,
        9 when name.Is("min_price"u8) => Member.MinPrice,
        9 when name.Is("max_price"u8) => Member.MaxPrice,
        12 when name.Is("country_code"u8) => Member.CountryCode,
        12 when name.Is("tax_included"u8) => Member.TaxIncluded,
        12 when name.Is("last_updated"u8) => Member.LastUpdated,
        13 when name.Is("end_date_time"u8) => Member.End,
        15 when name.Is("start_date_time"u8) => Member.Start,
        _ => Member.Other,
    };

    private static ref byte ReadMember(Member member, ref byte at, scoped in PaddedText text, scoped ref Facts facts)
    {
        facts.Stated |= member;
        switch (member)
        {
            case Member.Start:
                return ref PlainTime.Read(ref at, out facts.StartNs);
            case Member.End:
                return ref PlainTime.Read(ref at, out facts.EndNs);
            case Member.LastUpdated:
                return ref PlainTime.Read(ref at, out facts.LastUpdatedNs);
            case Member.MinPrice:
                return ref QuickElementReader.ReadLimit(ref at, text, out facts.MinPrice);
            case Member.MaxPrice:
                return ref QuickElementReader.ReadLimit(ref at, text, out facts.MaxPrice);
            case Member.Elements:
                return ref QuickElementReader.ReadElements(ref at, text, out facts.Elements);
            default:
                return ref ReadText(member, ref at, text, ref facts);
        }
    }

    private static ref byte ReadText(Member member, ref byte at, scoped in PaddedText text, scoped ref Facts facts)
    {
        at = ref JsonScanner.Text(ref at, text, out var read);
        var isRead = true;
        switch (member)
        {
            case Member.Id:
                facts.Id = Encoding.UTF8.GetString(read);
                // A byte or more makes a character.
                isRead = read.Length is > 0 and <= IdLengthMax;
                break;
            case Member.CountryCode:
                facts.CountryCode = Encoding.UTF8.GetString(read);
                break;
            case Member.PartyId:
                facts.PartyId = Encoding.UTF8.GetString(read);
                break;
            case Member.Type:
                facts.Type = Encoding.UTF8.GetString(read);
                break;
            case Member.Currency:
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

    private ref struct Facts
    {
        /// <summary>What is there, and not null.</summary>
        public Member Stated;
        public string? Id;
        public string? CountryCode;
        public string? PartyId;
        public string? Type;
        public Currency Currency;
        public TaxIncluded TaxIncluded;
        public PriceLimit? MinPrice;
        public PriceLimit? MaxPrice;
        public TariffElement[]? Elements;
        public long StartNs;
        public long EndNs;
        public long LastUpdatedNs;

        private const Member Needed = Member.Id | Member.Currency | Member.Elements;

        public readonly bool AreComplete => (Stated & Needed) == Needed;

        public readonly Tariff Tariff(OcpiVersion? version) => new()
        {
            Id = Id!,
            CountryCode = CountryCode,
            PartyId = PartyId,
            Currency = Currency,
            Version = version ?? (TaxIncluded == TaxIncluded.NotStated ? OcpiVersion.V221 : OcpiVersion.V230),
            Type = Type,
            TaxIncluded = TaxIncluded,
            MinPrice = MinPrice,
            MaxPrice = MaxPrice,
            Elements = ImmutableCollectionsMarshal.AsImmutableArray(Elements),
            StartDateTime = Time(Member.Start, StartNs),
            EndDateTime = Time(Member.End, EndNs),
            LastUpdated = Time(Member.LastUpdated, LastUpdatedNs),
        };

        private readonly Instant? Time(Member member, long unixNs)
        {
            if ((Stated & member) == 0)
            {
                return null;
            }
            var (ticks, rest) = Math.DivRem(unixNs, NanosecondsPerTick);
            var instant = Instant.FromUnixTimeTicks(ticks);
            return rest == 0 ? instant : instant.PlusNanoseconds(rest);
        }
    }
}
