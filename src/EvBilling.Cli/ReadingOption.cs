using System.CommandLine;
using EvBilling.Cli.Verbs;
using EvBilling.Rating;

namespace EvBilling.Cli;

/// <summary><c>--reading NAME=VALUE</c>, which may be given several times.</summary>
internal sealed class ReadingOption : Option<string[]>
{
    public ReadingOption(string description)
        : base("--reading")
    {
        Description = description;
        HelpName = "NAME=VALUE";
    }

    /// <summary>Each name with the values that it takes, the default first.</summary>
    public static string Known => string.Join("; ", RatingReadings.Names.Select(name => $"{name}={string.Join('|', RatingReadings.ValuesOf(name))}"));

    /// <returns>Null where none is given.</returns>
    /// <exception cref="UsageException">There is no such reading.</exception>
    public RatingOptions? In(ParseResult parsed)
    {
        if (parsed.GetValue(this) is not { Length: > 0 } texts)
        {
            return null;
        }
        return RatingReadings.TryTakeAll(RatingOptions.Default, texts, out var options, out var error) ? options : throw new UsageException($"--reading {error}");
    }
}
