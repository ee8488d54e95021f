using System.Text.Json;

namespace EvBilling.Tests.Reference;

/// <summary>An object's members by name. Of a name that stands there twice, the last counts.</summary>
internal sealed class ReferenceMembers
{
    private readonly Dictionary<string, JsonElement> _members = [];

    public ReferenceMembers(JsonElement root)
    {
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (NameOf(member) is string name) _members[name] = member.Value;
        }
    }

    public bool Has(string name) => _members.ContainsKey(name);

    public bool IsNull(string name) => _members.TryGetValue(name, out JsonElement element) && element.ValueKind == JsonValueKind.Null;

    public ReferenceMembers Required(string name) => RequiredIf(true, name);

    public ReferenceMembers RequiredIf(bool condition, string name) =>
        !condition || _members.ContainsKey(name) ? this : throw new ReferenceRefusal("MissingMember:" + name);

    /// <summary>Any text at all, even one that is no Unicode; such a one is in no list.</summary>
    public string? AnyText(string name)
    {
        if (Element(name, JsonValueKind.String) is not JsonElement element) return null;
        return Unescaped(element) ?? "\0";
    }

    /// <summary>A length is counted in code points. A lone surrogate and U+0000 are texts to JSON but to no store.</summary>
    public string? Text(string name, int lengthMin, int lengthMax)
    {
        if (AnyText(name) is not string text) return null;
        int length = text.EnumerateRunes().Count();
        return length < lengthMin || length > lengthMax || text.Contains('\0') ? throw OutOfRange(name) : text;
    }

    public ReferenceState? State(string name)
    {
        if (AnyText(name) is not string text) return null;
        int index = Array.IndexOf(Enum.GetNames<ReferenceState>(), text);
        return index < 0 ? throw OutOfRange(name) : (ReferenceState)index;
    }

    public long? Time(string name)
    {
        if (AnyText(name) is not string text) return null;
        if (!ReferenceTime.TryParse(text, out long? nanoseconds)) throw WrongType(name);
        return nanoseconds ?? throw OutOfRange(name);
    }

    public bool? Boolean(string name)
    {
        if (!_members.TryGetValue(name, out JsonElement element)) return null;
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw WrongType(name);
    }

    /// <summary>An integer is one by its value, however it is spelled.</summary>
    public long? Integer(string name)
    {
        if (Element(name, JsonValueKind.Number) is not JsonElement element) return null;
        var number = new ReferenceNumber(element.GetRawText());
        if (!number.IsInteger) throw WrongType(name);
        return number.IsNegative || number.AbsoluteExceeds(long.MaxValue) ? throw OutOfRange(name) : number.ToInteger();
    }

    /// <summary>Thousandths of the unit. The member is taken times ten to the power of the shift: 3 for kWh where Wh are wanted.</summary>
    public long? Number(string name, long absoluteMax, bool mayBeNegative, int shift = 0)
    {
        if (Element(name, JsonValueKind.Number) is not JsonElement element) return null;
        var number = new ReferenceNumber(element.GetRawText(), shift);
        return (number.IsNegative && !mayBeNegative) || number.AbsoluteExceeds(absoluteMax) ? throw OutOfRange(name) : number.ToThousandths();
    }

    private JsonElement? Element(string name, JsonValueKind kind)
    {
        if (!_members.TryGetValue(name, out JsonElement element)) return null;
        return element.ValueKind == kind ? element : throw WrongType(name);
    }

    private static string? Unescaped(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, written as an escape.
            return null;
        }
    }

    private static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            // A name that is no Unicode is none that we know.
            return null;
        }
    }

    private static ReferenceRefusal WrongType(string name) => new("WrongType:" + name);

    private static ReferenceRefusal OutOfRange(string name) => new("OutOfRange:" + name);
}
