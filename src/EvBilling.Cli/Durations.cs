using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace EvBilling.Cli;

/// <summary>An option that takes a duration: 90s, 30m, 24h, 31d, or 0.</summary>
internal sealed class DurationOption : Option<TimeSpan?>
{
    private const decimal LongestDays = 36_500;

    private readonly TimeSpan _default;

    public DurationOption(string name, string description, string defaultText)
        : base(name)
    {
        Description = $"{description} [default: {defaultText}]";
        HelpName = "DURATION";
        CustomParser = Parse;
        _default = Parse(defaultText)!.Value;
    }

    public TimeSpan In(ParseResult parsed) => parsed.GetValue(this) ?? _default;

    private TimeSpan? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var duration = Parse(text);
        if (duration is null)
        {
            result.AddError($"{Name} {text} is no duration; give a number with s, m, h or d, such as 24h");
        }
        return duration;
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
        // Less than a second is nothing that sessions are measured by.
        return unit is null || number * unit.Value % TimeSpan.TicksPerSecond != 0 || number > LongestDays * TimeSpan.TicksPerDay / unit.Value ? null : TimeSpan.FromTicks((long)(number * unit.Value));
    }
}
