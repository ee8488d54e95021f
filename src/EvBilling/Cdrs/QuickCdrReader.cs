using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using EvBilling.Json;
using EvBilling.Rating;

namespace EvBilling.Cdrs;

/// <summary>
/// The quick way to read a CDR whose JSON is plain and that nothing is to be said about. It knows no errors: what it does not read, be it valid or not, is left
/// to <see cref="CdrReader"/>, which reads the same from what this reads.
/// </summary>
internal static class QuickCdrReader
{
    [Flags]
    private enum Member
    {
        Other = 0,
        Start = 1,
        End = 2,
        Stop = 4,
        Periods = 8,
        CdrLocation = 16,
        Location = 32,
        Credit = 64,
        Currency = 128,
    }

    /// <returns>False: it is left to the full reader.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Cdr? cdr)
    {
        cdr = null;
        if (!PaddedText.TryTake(utf8, out var text))
        {
            return false;
        }
        var periods = new QuickPeriods(null);
        var facts = default(Facts);
        if (TryRead(text, ref facts, ref periods))
        {
            cdr = facts.Cdr(periods);
        }
        periods.Return();
        text.Return();
        return cdr is not null;
    }

    /// <summary>Reads what is rated alone.</summary>
    /// <param name="room">What the text and its periods are written into.</param>
    /// <param name="zone">Of the session.</param>
    /// <param name="rated">Set where it returns true; holds until the room is used again.</param>
    /// <returns>False: it is left to the full reader.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, QuickCdrRoom room, RatingZone? zone, out RatingSession rated)
    {
        rated = default;
        if (!PaddedText.TryTake(utf8, ref room.Text, out var text))
        {
            return false;
        }
        var periods = new QuickPeriods(room.Periods);
        var facts = default(Facts);
        var isRead = TryRead(text, ref facts, ref periods);
        if (isRead)
        {
            rated = new(facts.StartNs, facts.LastNs, periods.Rated)
            {
                Measures = periods.Measured,
                Zone = zone,
                MustBeValid = true,
                TariffIds = periods.TariffIds(),
                IsCredit = facts.IsCredit,
            };
        }
        periods.Return();
        return isRead;
    }

    private static bool TryRead(scoped in PaddedText text, ref Facts facts, ref QuickPeriods periods)
    {
        ref var at = ref ReadMembers(ref JsonScanner.Next(ref text.First, 0), text, ref facts, ref periods);
        at = ref JsonScanner.Next(ref at, 0);
        return Unsafe.AreSame(ref at, ref text.End) && facts.AreComplete && periods.AreSorted;
    }

    private static ref byte ReadMembers(ref byte at, scoped in PaddedText text, ref Facts facts, ref QuickPeriods periods)
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
            ref var value = ref JsonScanner.Member(ref at, text, out var name, out var length, out var behind);
            var member = Find(name);
            if (member == Member.Other ? !others.TryAdd(name) : (seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            at = ref member == Member.Other ? ref JsonScanner.SkipValue(ref at, ref value, behind, text, 1)
                : ref value == 'n' ? ref JsonScanner.Literal(ref value)
                : ref ReadMember(member, ref value, length, text, ref facts, ref periods);
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref at;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Member Find(in MemberName name) => name.Length switch
    {
        6 when name.Is("credit"u8) => Member.Credit,
        8 when name.Is("currency"u8) => Member.Currency,
        8 when name.Is("location"u8) => Member.Location,
        12 when name.Is("cdr_location"u8) => Member.CdrLocation,
        13 when name.Is("end_date_time"u8) => Member.End,
        14 when name.Is("stop_date_time"u8) => Member.Stop,
        15 when name.Is("start_date_time"u8) => Member.Start,
        16 when name.Is("charging_periods"u8) => Member.Periods,
        _ => Member.Other,
    };

    private static ref byte ReadMember(Member member, ref byte at, int length, scoped in PaddedText text, ref Facts facts, ref QuickPeriods periods)
    {
        facts.Stated |= member;
        switch (member)
        {
            case Member.Start:
                return ref PlainTime.Read(ref at, out facts.StartNs);
            case Member.End:
                return ref PlainTime.Read(ref at, out facts.EndNs);
            case Member.Stop:
                return ref PlainTime.Read(ref at, out facts.StopNs);
            case Member.Periods:
                return ref periods.Read(ref at, text);
            case Member.CdrLocation:
                return ref ReadCountry(ref at, text, ref facts.CdrCountry);
            case Member.Location:
                return ref ReadCountry(ref at, text, ref facts.Country);
            case Member.Credit:
                facts.IsCredit = at == 't';
                return ref JsonScanner.Literal(ref at);
            default:
                return ref ReadText(ref at, length, text, ref facts.Currency);
        }
    }

    private static ref byte ReadText(ref byte at, int length, scoped in PaddedText text, ref ReadOnlySpan<byte> read)
    {
        ref var behind = ref JsonScanner.Text(ref at, length, text, out var found);
        read = JsonScanner.Between(ref MemoryMarshal.GetReference(found), ref Unsafe.Add(ref MemoryMarshal.GetReference(found), found.Length));
        // An empty text would look like none.
        return ref read.IsEmpty ? ref JsonScanner.Nowhere : ref behind;
    }

    private static ref byte ReadCountry(ref byte at, scoped in PaddedText text, ref ReadOnlySpan<byte> country)
    {
        if (at != '{')
        {
            return ref JsonScanner.Skip(ref at, text, 1);
        }
        var seen = new MemberNames(text, 1);
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            ref var value = ref JsonScanner.Member(ref at, text, out var name, out var length, out var behind);
            if (!seen.TryAdd(name))
            {
                return ref JsonScanner.Nowhere;
            }
            at = ref name.Length == 7 && value != 'n' && name.Is("country"u8) ? ref ReadText(ref value, length, text, ref country) : ref JsonScanner.SkipValue(ref at, ref value, behind, text, 2);
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref at;
            }
        }
    }

    private ref struct Facts
    {
        /// <summary>What is there, and not null.</summary>
        public Member Stated;
        public long StartNs;
        public long EndNs;
        public long StopNs;
        public bool IsCredit;
        public ReadOnlySpan<byte> Currency;
        public ReadOnlySpan<byte> CdrCountry;
        public ReadOnlySpan<byte> Country;

        public readonly bool AreComplete => Has(Member.Start) && (Has(Member.End) || Has(Member.Stop));

        public readonly long LastNs => Has(Member.End) ? EndNs : StopNs;

        public readonly Cdr Cdr(in QuickPeriods periods) => new()
        {
            StartUnixNs = StartNs,
            EndUnixNs = LastNs,
            IsCredit = IsCredit,
            Currency = EvBilling.Currency.TryFind(Currency, out var known) ? known.Code : Text(Currency),
            Country = Text(Has(Member.CdrLocation) ? CdrCountry : Country),
            PeriodArray = periods.Rated.ToArray(),
            MeasureArray = periods.Measured.ToArray(),
            TariffIdArray = periods.TariffIds(),
        };

        private readonly bool Has(Member member) => (Stated & member) != 0;

        private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
    }
}

/// <summary>What <see cref="QuickCdrReader"/> works in, from one CDR to the next; grows to the longest.</summary>
internal sealed class QuickCdrRoom
{
    public byte[] Text = [];

    public QuickPeriodRoom Periods { get; } = new();
}
