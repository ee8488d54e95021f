using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EvBilling.Json;

namespace EvBilling.Tariffs;

/// <summary>Reads what prices a tariff for <see cref="QuickTariffReader"/>: elements, their components, limits of the price.</summary>
internal static class QuickElementReader
{
    private const int FewElementsMax = 8;

    [Flags]
    private enum Member
    {
        Other = 0,
        Components = 1,
        Restrictions = 2,
        Type = 4,
        Price = 8,
        Vat = 16,
        StepSize = 32,
        ExclVat = 64,
        InclVat = 128,
        Needed = Type | Price,
    }

    /// <summary>Reads the list of elements, which must not be empty.</summary>
    public static ref byte ReadElements(ref byte at, scoped in PaddedText text, out TariffElement[]? elements)
    {
        elements = null;
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        var few = default(FewElements);
        TariffElement[]? many = null;
        var read = (Span<TariffElement>)few;
        var count = 0;
        do
        {
            at = ref JsonScanner.Next(ref at, 1);
            if (count == read.Length)
            {
                Array.Resize(ref many, count * 2);
                read.CopyTo(many);
                read = many;
            }
            at = ref ReadElement(ref at, text, count, out read[count]);
            at = ref JsonScanner.Next(ref at, 0);
            count++;
        }
        while (at == ',');
        elements = read[..count].ToArray();
        return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
    }

    /// <summary>Reads a limit that is an object.</summary>
    public static ref byte ReadLimit(ref byte at, scoped in PaddedText text, out PriceLimit? limit)
    {
        limit = null;
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var seen = new MemberNames(text, 1);
        decimal? exclVat = null, inclVat = null;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var isExclVat = (name.Length == 8 && name.Is("excl_vat"u8)) || (name.Length == 12 && name.Is("before_taxes"u8));
            var isInclVat = (name.Length == 8 && name.Is("incl_vat"u8)) || (name.Length == 11 && name.Is("after_taxes"u8));
            if (!seen.TryAdd(name) || (isExclVat && exclVat is not null) || (isInclVat && inclVat is not null))
            {
                return ref JsonScanner.Nowhere;
            }
            if ((isExclVat || isInclVat) && at != 'n')
            {
                at = ref PlainNumber.Read(ref at, out var number);
                exclVat = isExclVat ? number.Value : exclVat;
                inclVat = isInclVat ? number.Value : inclVat;
            }
            else
            {
                at = ref JsonScanner.Skip(ref at, text, 2);
            }
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                break;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        limit = exclVat is null && inclVat is null ? null : new(exclVat, inclVat);
        return ref at == '}' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
    }

    private static ref byte ReadElement(ref byte at, scoped in PaddedText text, int index, out TariffElement element)
    {
        element = null!;
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 2);
        var seen = Member.Other;
        PriceComponent[]? components = null;
        byte[]? plain = null;
        TariffRestrictions? conditions = null;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var member = name.Length == 16 && name.Is("price_components"u8) ? Member.Components
                : name.Length == 12 && name.Is("restrictions"u8) ? Member.Restrictions
                : Member.Other;
            if (member == Member.Other ? !others.TryAdd(name) : (seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            at = ref member == Member.Components ? ref ReadComponents(ref at, text, out components)
                : ref member == Member.Restrictions && at != 'n' ? ref QuickRestrictionsReader.Read(ref at, text, out plain, out conditions)
                : ref JsonScanner.Skip(ref at, text, 3);
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                break;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        if (at != '}' || components is null)
        {
            return ref JsonScanner.Nowhere;
        }
        element = new(index, ImmutableCollectionsMarshal.AsImmutableArray(components), plain, conditions);
        return ref Unsafe.Add(ref at, 1);
    }

    private static ref byte ReadComponents(ref byte at, scoped in PaddedText text, out PriceComponent[]? components)
    {
        components = null;
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
            components = [];
            return ref Unsafe.Add(ref at, 1);
        }
        // More than one for each dimension are for the full reader.
        var read = default(ComponentList);
        var count = 0;
        while (count < TariffDimensions.Count)
        {
            at = ref ReadComponent(ref at, text, count, out read[count]);
            at = ref JsonScanner.Next(ref at, 0);
            count++;
            if (at != ',')
            {
                components = ((ReadOnlySpan<PriceComponent>)read)[..count].ToArray();
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        return ref JsonScanner.Nowhere;
    }

    private static ref byte ReadComponent(ref byte at, scoped in PaddedText text, int index, out PriceComponent component)
    {
        component = null!;
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 4);
        var seen = Member.Other;
        var dimension = TariffDimension.Energy;
        PlainNumber price = default, stepSize = default, vat = default;
        var hasVat = false;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var member = FindOfComponent(name);
            if (member == Member.Other ? !others.TryAdd(name) : (seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            switch (member)
            {
                case Member.Type:
                    at = ref ReadDimension(ref at, text, out dimension);
                    break;
                case Member.Price:
                    at = ref PlainNumber.Read(ref at, out price);
                    break;
                case Member.StepSize when at != 'n':
                    at = ref PlainNumber.Read(ref at, out stepSize);
                    break;
                case Member.Vat when at != 'n':
                    hasVat = true;
                    at = ref PlainNumber.Read(ref at, out vat);
                    break;
                default:
                    at = ref JsonScanner.Skip(ref at, text, 5);
                    break;
            }
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                break;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        if (at != '}' || (seen & Member.Needed) != Member.Needed || stepSize is not { Decimals: 0, Mantissa: >= 0 and <= int.MaxValue })
        {
            return ref JsonScanner.Nowhere;
        }
        component = new(index, dimension, price.Value, hasVat ? vat.Value : null, stepSize.Mantissa);
        return ref Unsafe.Add(ref at, 1);
    }

    private static Member FindOfComponent(in MemberName name) => name.Length switch
    {
        3 when name.Is("vat"u8) => Member.Vat,
        4 when name.Is("type"u8) => Member.Type,
        5 when name.Is("price"u8) => Member.Price,
        9 when name.Is("step_size"u8) => Member.StepSize,
        _ => Member.Other,
    };

    private static ref byte ReadDimension(ref byte at, scoped in PaddedText text, out TariffDimension dimension)
    {
        ref var first = ref Unsafe.Add(ref at, 1);
        ref var end = ref text.Quote(ref first);
        var name = new MemberName(ref first, JsonScanner.Distance(ref first, ref end));
        var isRead = at == '"' && end == '"';
        switch (name.Length)
        {
            case 6 when name.Is("ENERGY"u8):
                dimension = TariffDimension.Energy;
                break;
            case 4 when name.Is("TIME"u8):
                dimension = TariffDimension.Time;
                break;
            case 12 when name.Is("PARKING_TIME"u8):
                dimension = TariffDimension.ParkingTime;
                break;
            default:
                dimension = TariffDimension.Flat;
                isRead &= name.Length == 4 && name.Is("FLAT"u8);
                break;
        }
        return ref isRead ? ref Unsafe.Add(ref end, 1) : ref JsonScanner.Nowhere;
    }

    [InlineArray(FewElementsMax)]
    private struct FewElements
    {
        private TariffElement _first;
    }

    [InlineArray(TariffDimensions.Count)]
    private struct ComponentList
    {
        private PriceComponent _first;
    }
}
