using System.CommandLine;
using EvBilling.Cli.Verbs;
using EvBilling.Engine;
using EvBilling.Rating;

namespace EvBilling.Cli.Running;

/// <summary>The options that every verb which bills events has: what bills depend on besides the events.</summary>
internal sealed class BillingInput
{
    public Option<string> Tariffs { get; } = new("--tariffs") { Description = "OCPI tariffs: one, a list, an OCPI answer, or one a line.", HelpName = "FILE", Required = true };

    public Option<string?> Locations { get; } = new("--locations") { Description = "OCPI locations, likewise: their tariffs, greatest powers and time zones.", HelpName = "FILE" };

    public Option<string?> DefaultTariff { get; } = new("--default-tariff")
    {
        Description = "The tariff of a session that has none by itself, its connector or its location.",
        HelpName = "ID",
    };

    public Option<string?> TimeZone { get; } = new("--timezone") { Description = "The zone of locations that state none, such as Europe/Amsterdam.", HelpName = "ZONE" };

    public ReadingOption Reading { get; } = new(
        "Another reading of OCPI than EvBilling's own, for all bills of the store from now on, such as parking_states=all; may be given several times. Without it those hold "
        + "that the store's last run was given. `evbilling price --help` lists them.");

    public DurationOption CloseAfter { get; } = new("--close-after", "Close a session without an end when its last event is this much older than the newest of all.", "24h");

    public DurationOption MaxSession { get; } = new("--max-session", "A longer session is held.", "31d");

    public DurationOption KeepSessions { get; } = new("--keep-sessions", "Keep a session's events this long after they last changed; 0 = for ever. Bills are always kept.", "400d");

    /// <summary>What the store keeps of it.</summary>
    public StoredOptions Stored(ParseResult parsed) => new(
        parsed.GetValue(DefaultTariff), parsed.GetValue(TimeZone), (long)MaxSession.In(parsed).TotalSeconds, (long)CloseAfter.In(parsed).TotalSeconds)
    {
        Readings = Reading.In(parsed) is { } readings ? RatingReadings.Text(readings) : null,
    };

    /// <summary><c>--events</c>, which takes several words.</summary>
    /// <param name="verb">Whose option it is.</param>
    public static Option<string[]> Events(string verb, string description)
    {
        var events = new Option<string[]>("--events") { Description = description, HelpName = "SOURCE...", Required = true, AllowMultipleArgumentsPerToken = true };
        // An option that is misspelt after the files would else be taken for one of them.
        events.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } token)
            {
                result.AddError($"{token.Value} is no option of {verb}");
            }
        });
        return events;
    }
}
