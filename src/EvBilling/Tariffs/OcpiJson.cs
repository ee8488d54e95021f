using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>A value within a tariff or CDR that knows its path, so that what can't be read is refused by name.</summary>
internal readonly struct OcpiJson
{
    private const int ShownLength = 60;

    private static readonly Instant Earliest = NodaTime.Instant.FromUtc(1900, 1, 1, 0, 0);
    private static readonly Instant Latest = NodaTime.Instant.FromUtc(2150, 1, 1, 0, 0);

    private readonly JsonElement _json;
    private readonly ImmutableArray<TariffFinding>.Builder _findings;

    public OcpiJson(JsonElement json, string path, ImmutableArray<TariffFinding>.Builder findings)
    {
        _json = json;
        Path = path;
        _findings = findings;
    }

    public JsonElement Json => _json;

    /// <summary>JSON pointer (RFC 6901).</summary>
    public string Path { get; }

    public JsonValueKind Kind => _json.ValueKind;

    /// <summary>The member is not there, or is null.</summary>
    public bool IsAbsent => Kind is JsonValueKind.Undefined or JsonValueKind.Null;

    public bool IsEmptyList => Kind == JsonValueKind.Array && Count == 0;

    public int Count => _json.GetArrayLength();

    /// <summary>The value as written, cut where it is long.</summary>
    public string Shown
    {
        get
        {
            if (Kind == JsonValueKind.Undefined)
            {
                return "nothing";
            }
            return ShownAs(JsonMarshal.GetRawUtf8Value(_json));
        }
    }

    /// <summary>Members that appear twice are refused.</summary>
    public static JsonDocumentOptions Strict { get; } = new() { AllowDuplicateProperties = false };

    /// <summary>A value as written, cut where it is long.</summary>
    public static string ShownAs(ReadOnlySpan<byte> raw) =>
        raw.Length <= ShownLength ? Encoding.UTF8.GetString(raw) : Encoding.UTF8.GetString(raw[..ShownLength]).TrimEnd('\uFFFD') + "...";

    /// <summary>Why a text can't be read at all.</summary>
    /// <param name="what">"The tariff".</param>
    public static string NotJson(string what, JsonException exception) =>
        $"{what} is no JSON object that can be read: {JsonProblem.Of(exception)} Please mend its JSON.";

    public OcpiJson Member(string name) =>
        new(_json.TryGetProperty(name, out var member) ? member : default, $"{Path}/{Escaped(name)}", _findings);

    public IEnumerable<(string Name, OcpiJson Value)> Members()
    {
        foreach (var member in _json.EnumerateObject())
        {
            var name = Unicode(member, static property => property.Name);
            yield return (name, Member(name));
        }
    }

    public IEnumerable<(int Index, OcpiJson Value)> Items()
    {
        var index = 0;
        foreach (var item in _json.EnumerateArray())
        {
            yield return (index, new OcpiJson(item, $"{Path}/{index}", _findings));
            index++;
        }
    }

    public void MustBe(JsonValueKind kind, string wanted)
    {
        if (Kind != kind)
        {
            throw IsAbsent ? Refused($"is missing; please state {wanted}") : Refused($"is not {wanted}; please state it as OCPI defines it");
        }
    }

    /// <summary>A text that must be there.</summary>
    public string Text(string wanted)
    {
        MustBe(JsonValueKind.String, wanted);
        return Unescaped();
    }

    public string? TextOrNull() => Kind == JsonValueKind.String ? Unescaped() : null;

    /// <summary>A number that must be there, exactly.</summary>
    public decimal Number()
    {
        if (IsAbsent)
        {
            throw Refused("is missing; please state it as a number");
        }
        if (Kind is not (JsonValueKind.Number or JsonValueKind.String))
        {
            throw Refused("is not a number; please state it as one, such as 0.35");
        }
        var isText = Kind == JsonValueKind.String;
        var raw = JsonMarshal.GetRawUtf8Value(_json);
        var reading = Exact.TryParse(isText ? raw[1..^1].Trim((byte)' ') : raw, out var value);
        if (reading == NumberReading.NotANumber)
        {
            throw Refused("is not a number; please state it as one, such as 0.35");
        }
        if (reading == NumberReading.TooManyDigits)
        {
            throw Refused($"has more than {Exact.MaxDigits} digits; please round it to as many as are meant");
        }
        if (Math.Abs(value) > TariffReader.MaxMagnitude)
        {
            throw Refused("is beyond a thousand million; please state what is meant");
        }
        if (isText)
        {
            Note("number_as_text", FindingSeverity.Warning, "is a number written as a text; OCPI wants a JSON number");
        }
        return value;
    }

    /// <summary>A number, or a text that holds one; false where it can't be read exactly.</summary>
    public bool TryNumber(out decimal number)
    {
        number = 0;
        if (Kind is not (JsonValueKind.Number or JsonValueKind.String))
        {
            return false;
        }
        var raw = JsonMarshal.GetRawUtf8Value(_json);
        return Exact.TryParse(Kind == JsonValueKind.String ? raw[1..^1].Trim((byte)' ') : raw, out number) == NumberReading.Read;
    }

    public decimal? NumberOrNull() => IsAbsent ? null : Number();

    /// <summary>A whole number from 0 to <paramref name="greatest"/>; 0 where it is absent.</summary>
    public long WholeNumberOrZero(long greatest)
    {
        if (IsAbsent)
        {
            return 0;
        }
        var number = Number();
        return number >= 0 && number <= greatest && number == decimal.Truncate(number)
            ? (long)number
            : throw Refused($"is not a whole number from 0 to {greatest}; please state one, 0 for none");
    }

    /// <summary>A date and time that must be there.</summary>
    public Instant Instant() => InstantOrNull() ?? throw Refused("is missing; please write it like \"2026-01-31T22:00:00Z\"");

    /// <summary>A date and time that must be there, in nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public long UnixNs()
    {
        // A long holds the length of any time between the two.
        return Instant() is var instant && instant >= Earliest && instant < Latest
            ? (instant - NodaConstants.UnixEpoch).ToInt64Nanoseconds()
            : throw Refused("is too far away to be billed; please state a time between 1900 and 2150");
    }

    public Instant? InstantOrNull()
    {
        if (IsAbsent)
        {
            return null;
        }
        return TryInstant(out var instant) ? instant : throw Refused("is not a date and time; please write it like \"2026-01-31T22:00:00Z\"");
    }

    /// <summary>For a time that decides no price: what can't be read is noted and taken as absent.</summary>
    public Instant? InstantOrNullWithFinding()
    {
        if (IsAbsent)
        {
            return null;
        }
        if (TryInstant(out var instant))
        {
            return instant;
        }
        Note("unreadable_time", FindingSeverity.Warning, "is not a date and time such as \"2026-01-31T22:00:00Z\" and is taken as absent");
        return null;
    }

    public void NoteSmallLetters(string written, string meant)
    {
        if (!string.Equals(written, meant, StringComparison.Ordinal))
        {
            Note("small_letters", FindingSeverity.Warning, $"is read as {meant}; OCPI writes it in capital letters");
        }
    }

    public void Note(string rule, FindingSeverity severity, string what) => _findings.Add(new TariffFinding(Path, rule, severity, $"{Shown} {what}."));

    public TariffRefusedException Refused(string what) => new(new TariffRefusal(Path, $"{(IsAbsent ? Named : Shown)} {what}."));

    private static string Escaped(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    // What is absent is called by its name.
    private string Named => Path.Length == 0 ? "The tariff" : Path[(Path.LastIndexOf('/') + 1)..];

    private bool TryInstant(out Instant instant)
    {
        instant = default;
        return Kind == JsonValueKind.String && OcpiDateTime.TryParse(Unescaped(), out instant);
    }

    private string Unescaped() => Unicode(_json, static json => json.GetString()!);

    // JSON may escape half a surrogate pair; System.Text.Json tells only when the text is asked for.
    private string Unicode<T>(T json, Func<T, string> text)
    {
        try
        {
            return text(json);
        }
        catch (InvalidOperationException)
        {
            throw Refused("is not valid Unicode; please write it as UTF-8");
        }
    }
}

/// <summary>Carries a refusal from deep within a tariff to <see cref="TariffReader"/>; never leaves it.</summary>
internal sealed class TariffRefusedException(TariffRefusal refusal) : Exception(refusal.Message)
{
    public TariffRefusal Refusal { get; } = refusal;
}
