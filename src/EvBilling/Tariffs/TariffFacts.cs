using System.Runtime.InteropServices;
using System.Text;
using EvBilling.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>
/// What a tariff's JSON states, in plain values, as <see cref="QuickTariffReader"/> reads it: to be made a <see cref="Tariff"/>, or tables that rate without one.
/// Used again for the next tariff; grows to the largest.
/// </summary>
internal sealed class TariffFacts
{
    private const int NanosecondsPerTick = 100;
    private const int FewMax = 4;

    private ElementFacts[] _elements = new ElementFacts[FewMax];
    private ComponentFacts[] _components = new ComponentFacts[FewMax];

    /// <summary>What is there, and not null.</summary>
    public TariffMember Stated;

    public TextRange Id;
    public TextRange CountryCode;
    public TextRange PartyId;
    public TextRange Type;
    public Currency Currency;
    public TaxIncluded TaxIncluded;
    public LimitFacts MinPrice;
    public LimitFacts MaxPrice;
    public long StartNs;
    public long EndNs;
    public long LastUpdatedNs;

    private const TariffMember Needed = TariffMember.Id | TariffMember.Currency | TariffMember.Elements;

    public bool AreComplete => (Stated & Needed) == Needed;

    public int ElementCount { get; private set; }

    public int ComponentCount { get; private set; }

    public ReadOnlySpan<ElementFacts> Elements => _elements.AsSpan(0, ElementCount);

    public ReadOnlySpan<ComponentFacts> Components => _components.AsSpan(0, ComponentCount);

    public OcpiVersion Version => TaxIncluded == TaxIncluded.NotStated ? OcpiVersion.V221 : OcpiVersion.V230;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Stated = TariffMember.Other;
        TaxIncluded = TaxIncluded.NotStated;
        (MinPrice, MaxPrice) = (default, default);
        (ElementCount, ComponentCount) = (0, 0);
    }

    public ref ElementFacts AddElement()
    {
        if (ElementCount == _elements.Length)
        {
            Array.Resize(ref _elements, ElementCount * 2);
        }
        return ref _elements[ElementCount++];
    }

    public ref ComponentFacts AddComponent()
    {
        if (ComponentCount == _components.Length)
        {
            Array.Resize(ref _components, ComponentCount * 2);
        }
        return ref _components[ComponentCount++];
    }

    /// <param name="text">What was read.</param>
    public Tariff Tariff(in PaddedText text, OcpiVersion? version)
    {
        var elements = new TariffElement[ElementCount];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = Element(i, text);
        }
        return new Tariff
        {
            Id = Text(TariffMember.Id, Id, text)!,
            CountryCode = Text(TariffMember.CountryCode, CountryCode, text),
            PartyId = Text(TariffMember.PartyId, PartyId, text),
            Currency = Currency,
            Version = version ?? Version,
            Type = Text(TariffMember.Type, Type, text),
            TaxIncluded = TaxIncluded,
            MinPrice = MinPrice.Limit,
            MaxPrice = MaxPrice.Limit,
            Elements = ImmutableCollectionsMarshal.AsImmutableArray(elements),
            StartDateTime = Time(TariffMember.Start, StartNs),
            EndDateTime = Time(TariffMember.End, EndNs),
            LastUpdated = Time(TariffMember.LastUpdated, LastUpdatedNs),
        };
    }

    private TariffElement Element(int index, in PaddedText text)
    {
        ref readonly var element = ref _elements[index];
        var components = new PriceComponent[element.EndComponent - element.FirstComponent];
        for (var i = 0; i < components.Length; i++)
        {
            ref readonly var component = ref _components[element.FirstComponent + i];
            components[i] = new(i, component.Dimension, component.Price.Value, component.HasVat ? component.Vat.Value : null, component.StepSize);
        }
        var array = ImmutableCollectionsMarshal.AsImmutableArray(components);
        return element.Restrictions.AreStated
            ? new(index, array, text.Bytes(element.Restrictions.Text).ToArray(), element.Restrictions.Conditions())
            : new(index, array, null, null);
    }

    private string? Text(TariffMember member, TextRange range, in PaddedText text) => (Stated & member) == 0 ? null : Encoding.UTF8.GetString(text.Bytes(range));

    private Instant? Time(TariffMember member, long unixNs)
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

/// <summary>Members of a tariff that are read.</summary>
[Flags]
internal enum TariffMember
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

internal struct ElementFacts
{
    public int FirstComponent;
    public int EndComponent;
    public RestrictionFacts Restrictions;
}

internal struct ComponentFacts
{
    public TariffDimension Dimension;
    public bool HasVat;
    public PlainNumber Price;
    public PlainNumber Vat;

    /// <summary>In Wh or seconds.</summary>
    public long StepSize;
}

/// <summary>A bound on the price; <c>default</c> = none.</summary>
internal struct LimitFacts
{
    public bool HasExclVat;
    public bool HasInclVat;
    public PlainNumber ExclVat;
    public PlainNumber InclVat;

    public readonly bool IsStated => HasExclVat || HasInclVat;

    public readonly PriceLimit? Limit => IsStated ? new(HasExclVat ? ExclVat.Value : null, HasInclVat ? InclVat.Value : null) : null;
}
