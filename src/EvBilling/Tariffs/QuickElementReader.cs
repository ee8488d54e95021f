using System.Runtime.CompilerServices;
using EvBilling.Json;

namespace EvBilling.Tariffs;

/// <summary>Reads what prices a tariff for <see cref="QuickTariffReader"/>: elements, their components, limits of the price.</summary>
internal static class QuickElementReader
{
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
    public static ref byte ReadElements(ref byte at, scoped in PaddedText text, TariffFacts facts)
    {
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        do
        {
            at = ref JsonScanner.Next(ref at, 1);
            at = ref ReadElement(ref at, text, facts);
            at = ref JsonScanner.Next(ref at, 0);
        }
        while (at == ',');
        return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
    }

    /// <summary>Reads a limit that is an object.</summary>
    public static ref byte ReadLimit(ref byte at, scoped in PaddedText text, scoped ref LimitFacts limit)
    {
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var seen = new MemberNames(text, 1);
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            at = ref JsonScanner.Name(ref at, text, out var name);
            var isExclVat = (name.Length == 8 && name.Is("excl_vat"u8)) || (name.Length == 12 && name.Is("before_taxes"u8));
            var isInclVat = (name.Length == 8 && name.Is("incl_vat"u8)) || (name.Length == 11 && name.Is("after_taxes"u8));
            if (!seen.TryAdd(name) || (isExclVat && limit.HasExclVat) || (isInclVat && limit.HasInclVat))
            {
                return ref JsonScanner.Nowhere;
            }
            if (isExclVat && at != 'n')
            {
                limit.HasExclVat = true;
                at = ref PlainNumber.Read(ref at, out limit.ExclVat);
            }
            else if (isInclVat && at != 'n')
            {
                limit.HasInclVat = true;
                at = ref PlainNumber.Read(ref at, out limit.InclVat);
            }
            else
            {
                at = ref JsonScanner.Skip(ref at, text, 2);
            }
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref at;
            }
        }
    }

    private static ref byte ReadElement(ref byte at, scoped in PaddedText text, TariffFacts facts)
    {
        ref var element = ref facts.AddElement();
        element.Restrictions.Stated = 0;
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 2);
        var seen = Member.Other;
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
            if (member == Member.Components)
            {
                element.FirstComponent = facts.ComponentCount;
                at = ref ReadComponents(ref at, text, facts);
                element.EndComponent = facts.ComponentCount;
            }
            else
            {
                at = ref member == Member.Restrictions && at != 'n' ? ref QuickRestrictionsReader.Read(ref at, text, ref element.Restrictions) : ref JsonScanner.Skip(ref at, text, 3);
            }
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref (seen & Member.Components) != 0 ? ref at : ref JsonScanner.Nowhere;
            }
        }
    }

    private static ref byte ReadComponents(ref byte at, scoped in PaddedText text, TariffFacts facts)
    {
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        // More than one for each dimension are for the full reader.
        for (var count = 0; count < TariffDimensions.Count; count++)
        {
            at = ref ReadComponent(ref at, text, ref facts.AddComponent());
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
        return ref JsonScanner.Nowhere;
    }

    private static ref byte ReadComponent(ref byte at, scoped in PaddedText text, scoped ref ComponentFacts component)
    {
        component = default;
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 4);
        var seen = Member.Other;
        var stepSize = default(PlainNumber);
        bool isLast;
        at = ref JsonScanner.Next(ref at, 1);
        do
        {
            var member = FindUsual(ref at, out var length);
            if (member != Member.Other)
            {
                at = ref JsonScanner.Next(ref at, length);
            }
            else
            {
                at = ref JsonScanner.Name(ref at, text, out var name);
                member = FindOfComponent(name);
                if (member == Member.Other && !others.TryAdd(name))
                {
                    return ref JsonScanner.Nowhere;
                }
            }
            if ((seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            switch (member)
            {
                case Member.Type:
                    at = ref ReadDimension(ref at, out component.Dimension);
                    break;
                case Member.Price:
                    at = ref PlainNumber.Read(ref at, out component.Price);
                    break;
                case Member.StepSize when at != 'n':
                    at = ref PlainNumber.Read(ref at, out stepSize);
                    break;
                case Member.Vat when at != 'n':
                    component.HasVat = true;
                    at = ref PlainNumber.Read(ref at, out component.Vat);
                    break;
                default:
                    at = ref JsonScanner.Skip(ref at, text, 5);
                    break;
            }
            at = ref JsonScanner.NextMember(ref at, out isLast);
        }
        while (!isLast);
        if ((seen & Member.Needed) != Member.Needed || stepSize is not { Decimals: 0, Mantissa: >= 0 and <= int.MaxValue }
            || (component.HasVat && component.Vat.Mantissa < 0))
        {
            return ref JsonScanner.Nowhere;
        }
        component.StepSize = stepSize.Mantissa;
        return ref at;
    }

    /// <summary>Finds a component's member by its name and colon as most are written; else it is another.</summary>
    /// <param name="length">How far it is to the value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Member FindUsual(scoped ref byte at, out int length)
    {
        switch (Unsafe.Add(ref at, 1))
        {
            case (byte)'t' when JsonScanner.StartsWith(ref at, "\"type\":\""u8):
                length = 7;
                return Member.Type;
            case (byte)'p' when JsonScanner.StartsWith(ref at, "\"price\":"u8):
                length = 8;
                return Member.Price;
            case (byte)'v' when JsonScanner.StartsWith(ref at, "\"vat\":"u8):
                length = 6;
                return Member.Vat;
            case (byte)'s' when JsonScanner.StartsWith(ref at, "\"step_size\":"u8):
                length = 12;
                return Member.StepSize;
            default:
                length = 0;
                return Member.Other;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Member FindOfComponent(in MemberName name) => name.Length switch
    {
        3 when name.Is("vat"u8) => Member.Vat,
        4 when name.Is("type"u8) => Member.Type,
        5 when name.Is("price"u8) => Member.Price,
        9 when name.Is("step_size"u8) => Member.StepSize,
        _ => Member.Other,
    };

    private static ref byte ReadDimension(ref byte at, out TariffDimension dimension)
    {
        switch (Unsafe.Add(ref at, 1))
        {
            case (byte)'E' when JsonScanner.StartsWith(ref at, "\"ENERGY\""u8):
                dimension = TariffDimension.Energy;
                return ref Unsafe.Add(ref at, 8);
            case (byte)'T' when JsonScanner.StartsWith(ref at, "\"TIME\""u8):
                dimension = TariffDimension.Time;
                return ref Unsafe.Add(ref at, 6);
            case (byte)'P' when JsonScanner.StartsWith(ref at, "\"PARKING_TIME\""u8):
                dimension = TariffDimension.ParkingTime;
                return ref Unsafe.Add(ref at, 14);
            default:
                dimension = TariffDimension.Flat;
                return ref JsonScanner.StartsWith(ref at, "\"FLAT\""u8) ? ref Unsafe.Add(ref at, 6) : ref JsonScanner.Nowhere;
        }
    }
}
