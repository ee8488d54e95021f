using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EvBilling.Cli;

/// <summary>Durations on the command line: 90s, 30m, 24h, 31d, or 0.</summary>
internal static class Durations
{
    private const double LongestDays = 36_500;

    public static Option<TimeSpan> Option(string name, string description, string defaultText) => new(name)
    {
        Description = $"{description} [default: {defaultText}]",
        HelpName = "DURATION",
        CustomParser = result => Parse(result, name),
        DefaultValueFactory = _ => Parse(defaultText)!.Value,
    };

    private static TimeSpan Parse(ArgumentResult result, string name)
    {
        var text = result.Tokens[0].Value;
        if (Parse(text) is { } duration)
        {
            return duration;
        }
        result.AddError($"{name} {text} is no duration; give a number with s, m, h or d, such as 24h");
        return default;
    }

    private static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }
        if (text.Length < 2 || !decimal.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }
        long? unit = text[^1] switch
        {
            's' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMinute,
            'h' => TimeSpan.TicksPerHour,
            'd' => TimeSpan.TicksPerDay,
            _ => null,
        };
        return unit is null || number > (decimal)LongestDays * TimeSpan.TicksPerDay / unit.Value ? null : TimeSpan.FromTicks((long)(number * unit.Value));
    }
}
