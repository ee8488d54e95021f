using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace EvBilling.Tariffs;

/// <summary>
/// Reads one tariff object of OCPI 2.1.1, 2.2.1 or 2.3.0 (mod_tariffs, Tariff Object), leniently (rule <c>lenient</c>): numbers written as text, enum values in
/// small letters, null for absent, empty lists for none, a missing step_size, unknown members. Numbers go from their digits to a decimal. What decides a price
/// and can't be read refuses the tariff.
/// </summary>
public static class TariffReader
{
    /// <summary>Prices and VAT rates beyond this are taken for a mistake.</summary>
    public const decimal MaxMagnitude = 1_000_000_000m;

    private const int MaxIdLength = 255;
    private static readonly TariffRefusal NotUnicode = new("", "The tariff has a member whose name is not valid Unicode; please write it as UTF-8.");
    private static readonly TariffRefusal NotUtf8 = new("", "The tariff is not valid Unicode; please write it as UTF-8.");

    /// <summary>Reads the JSON text of one tariff.</summary>
    /// <param name="version">The version it is written in; null = 2.3.0 if it states <c>tax_included</c>, else 2.2.1.</param>
    /// <returns>False: see <paramref name="refusal"/>. Never throws for what the text says.</returns>
    public static bool TryRead(
        ReadOnlyMemory<byte> utf8Json, OcpiVersion? version, [NotNullWhen(true)] out Tariff? tariff, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        refusal = null;
        if (QuickTariffReader.TryRead(utf8Json.Span, version, out tariff))
        {
            return true;
        }
        if (!Utf8.IsValid(utf8Json.Span))
        {
            refusal = NotUtf8;
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(utf8Json, OcpiJson.Strict);
            tariff = Read(document.RootElement, version);
            return true;
        }
        catch (TariffRefusedException refused)
        {
            refusal = refused.Refusal;
        }
        catch (JsonException exception)
        {
            refusal = new TariffRefusal("", OcpiJson.NotJson("The tariff", exception));
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json says so when it compares a name in which half a surrogate pair is escaped.
            refusal = NotUnicode;
        }
        return false;
    }

    /// <summary>Reads a tariff that is part of a larger JSON text, which was parsed without duplicate members.</summary>
    /// <inheritdoc cref="TryRead(ReadOnlyMemory{byte}, OcpiVersion?, out Tariff?, out TariffRefusal?)"/>
    public static bool TryRead(JsonElement json, OcpiVersion? version, [NotNullWhen(true)] out Tariff? tariff, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        (tariff, refusal) = (null, null);
        try
        {
            tariff = Read(json, version);
            return true;
        }
        catch (TariffRefusedException refused)
        {
            refusal = refused.Refusal;
        }
        catch (InvalidOperationException)
        {
            refusal = NotUnicode;
        }
        return false;
    }

    private static Tariff Read(JsonElement json, OcpiVersion? version)
    {
        var findings = ImmutableArray.CreateBuilder<TariffFinding>();
        var root = new OcpiJson(json, "", findings);
        root.MustBe(JsonValueKind.Object, "a tariff object");
        var taxIncluded = ReadTaxIncluded(root.Member("tax_included"));
        return new Tariff
        {
            Id = ReadId(root.Member("id")),
            CountryCode = root.Member("country_code").TextOrNull(),
            PartyId = root.Member("party_id").TextOrNull(),
            Currency = ReadCurrency(root.Member("currency")),
            Version = version ?? (taxIncluded == TaxIncluded.NotStated ? OcpiVersion.V221 : OcpiVersion.V230),
            Type = root.Member("type").TextOrNull(),
            TaxIncluded = taxIncluded,
            MinPrice = ReadLimit(root.Member("min_price")),
            MaxPrice = ReadLimit(root.Member("max_price")),
            Elements = ReadElements(root.Member("elements")),
            StartDateTime = root.Member("start_date_time").InstantOrNull(),
            EndDateTime = root.Member("end_date_time").InstantOrNull(),
            LastUpdated = root.Member("last_updated").InstantOrNullWithFinding(),
            Findings = findings.ToImmutable(),
        };
    }

    private static string ReadId(OcpiJson json)
    {
        var id = json.Text("the tariff's id as a text");
        return id.Length is > 0 and <= MaxIdLength ? id : throw json.Refused($"is not an id of 1 to {MaxIdLength} characters; please give the tariff its id");
    }

    private static Currency ReadCurrency(OcpiJson json)
    {
        var code = json.Text("the tariff's currency, such as \"EUR\"");
        if (!Currency.TryParse(code, out var currency))
        {
            throw json.Refused("is no currency of ISO 4217; please state its three letters, such as \"EUR\"");
        }
        json.NoteSmallLetters(code, currency.Code);
        return currency;
    }

    private static TaxIncluded ReadTaxIncluded(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return TaxIncluded.NotStated;
        }
        var text = json.Text("YES, NO or N/A");
        var capitals = text.ToUpperInvariant();
        json.NoteSmallLetters(text, capitals);
        return capitals switch
        {
            "YES" => TaxIncluded.Yes,
            "NO" => TaxIncluded.No,
            "N/A" => TaxIncluded.NotApplicable,
            _ => throw json.Refused("does not say whether prices contain taxes; please state YES, NO or N/A"),
        };
    }

    private static PriceLimit? ReadLimit(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return null;
        }
        if (json.Kind is JsonValueKind.Number or JsonValueKind.String)
        {
            return new PriceLimit(json.Number(), null);
        }
        json.MustBe(JsonValueKind.Object, "an object with the bound's amounts");
        var limit = new PriceLimit(
            json.Member("excl_vat").NumberOrNull() ?? json.Member("before_taxes").NumberOrNull(),
            json.Member("incl_vat").NumberOrNull() ?? json.Member("after_taxes").NumberOrNull());
        return limit is { ExclVat: null, InclVat: null } ? null : limit;
    }

    private static ImmutableArray<TariffElement> ReadElements(OcpiJson json)
    {
        json.MustBe(JsonValueKind.Array, "the list of the tariff's elements");
        var elements = ImmutableArray.CreateBuilder<TariffElement>(json.Count);
        foreach (var (index, element) in json.Items())
        {
            element.MustBe(JsonValueKind.Object, "an element with price_components");
            elements.Add(new TariffElement(
                index, ReadComponents(element.Member("price_components")), ReadStated(element.Member("restrictions")),
                RestrictionsReader.Read(element.Member("restrictions"))));
        }
        return elements.Count > 0 ? elements.DrainToImmutable() : throw json.Refused("has no element; a tariff for nothing states a price of 0");
    }

    private static ImmutableArray<PriceComponent> ReadComponents(OcpiJson json)
    {
        json.MustBe(JsonValueKind.Array, "the list of the element's price components");
        var components = ImmutableArray.CreateBuilder<PriceComponent>(json.Count);
        foreach (var (index, component) in json.Items())
        {
            component.MustBe(JsonValueKind.Object, "a price component");
            var price = component.Member("price").Number();
            var vat = component.Member("vat").NumberOrNull();
            if (vat < 0)
            {
                throw component.Member("vat").Refused("is a VAT under 0 %; please state a percentage from 0 on, or leave it out");
            }
            var stepSize = component.Member("step_size").WholeNumberOrZero((long)MaxMagnitude);
            if (ReadDimension(component.Member("type")) is { } dimension)
            {
                components.Add(new PriceComponent(index, dimension, price, vat, stepSize));
            }
        }
        return components.DrainToImmutable();
    }

    private static TariffDimension? ReadDimension(OcpiJson json)
    {
        var name = json.Text("the component's dimension, such as \"ENERGY\"");
        if (!TariffDimensions.TryParse(name, out var dimension))
        {
            json.Note(
                "unknown_dimension", FindingSeverity.Error, "is no dimension of OCPI (ENERGY, TIME, PARKING_TIME, FLAT), so this component never applies");
            return null;
        }
        json.NoteSmallLetters(name, dimension.OcpiName());
        return dimension;
    }

    /// <summary>The restrictions of an object that was read before.</summary>
    internal static ImmutableArray<StatedRestriction> ReadStated(ReadOnlyMemory<byte> restrictions)
    {
        using var document = JsonDocument.Parse(restrictions, OcpiJson.Strict);
        return ReadStated(new OcpiJson(document.RootElement, "", ImmutableArray.CreateBuilder<TariffFinding>()));
    }

    private static ImmutableArray<StatedRestriction> ReadStated(OcpiJson json)
    {
        if (json.IsAbsent)
        {
            return [];
        }
        json.MustBe(JsonValueKind.Object, "an object of restrictions, or null");
        return [.. json.Members().Where(member => !member.Value.IsAbsent && !member.Value.IsEmptyList)
            .Select(member => new StatedRestriction(member.Name, member.Value.Shown))];
    }
}
