using System.Diagnostics.CodeAnalysis;

namespace EvBilling.Rating;

/// <summary>
/// The readings by their names, as <c>--reading NAME=VALUE</c> takes them and results tell them (docs/rating.md). A preset <c>like=ENGINE</c> sets every one to
/// what that engine does.
/// </summary>
public static class RatingReadings
{
    private static readonly Dictionary<string, Reading> All = new(StringComparer.Ordinal)
    {
        ["element_choice"] = new(
            ("per_dimension", o => o with { ElementChoice = ElementChoice.PerDimension }), ("whole_element", o => o with { ElementChoice = ElementChoice.WholeElement })),
        ["step_size"] = new(
            ("ceiling", o => o with { StepSize = StepSizeRule.Ceiling }), ("next_multiple", o => o with { StepSize = StepSizeRule.NextMultiple }),
            ("per_period", o => o with { StepSize = StepSizeRule.PerPeriod })),
        ["step_total"] = new(("priced", o => o with { StepTotal = StepTotalRule.Priced }), ("all", o => o with { StepTotal = StepTotalRule.All })),
        ["step_precision"] = new(
            ("six_decimals", o => o with { StepPrecision = StepPrecisionRule.SixDecimals }), ("as_written", o => o with { StepPrecision = StepPrecisionRule.AsWritten })),
        ["period_snap"] = new(("on", o => o with { PeriodSnap = true }), ("off", o => o with { PeriodSnap = false })),
        ["zero_volume"] = new(("skipped", o => o with { ZeroVolume = ZeroVolumeRule.Skipped }), ("counts", o => o with { ZeroVolume = ZeroVolumeRule.Counts })),
        ["min_duration"] = new(
            ("inclusive", o => o with { MinDuration = MinDurationRule.Inclusive }), ("exclusive", o => o with { MinDuration = MinDurationRule.Exclusive })),
        ["equal_times"] = new(("whole_day", o => o with { EqualTimes = EqualTimesRule.WholeDay }), ("never", o => o with { EqualTimes = EqualTimesRule.Never })),
        ["end_midnight"] = new(
            ("end_of_day", o => o with { EndMidnight = EndMidnightRule.EndOfDay }), ("never_alone", o => o with { EndMidnight = EndMidnightRule.NeverAlone })),
        ["duration_origin"] = new(
            ("session", o => o with { DurationOrigin = DurationOriginRule.Session }), ("first_period", o => o with { DurationOrigin = DurationOriginRule.FirstPeriod }),
            ("parking", o => o with { DurationOrigin = DurationOriginRule.Parking }),
            ("session_in_seconds", o => o with { DurationOrigin = DurationOriginRule.SessionInSeconds })),
        ["missing_power"] = new(
            ("no_match", o => o with { MissingPower = MissingPowerRule.NoMatch }), ("match", o => o with { MissingPower = MissingPowerRule.Match })),
        ["power_stand_in"] = new(("on", o => o with { PowerStandIn = true }), ("off", o => o with { PowerStandIn = false })),
        ["flat"] = new(
            ("once_per_session", o => o with { Flat = FlatRule.OncePerSession }), ("each_distinct", o => o with { Flat = FlatRule.EachDistinct }),
            ("once_in_all", o => o with { Flat = FlatRule.OnceInAll })),
        ["clamp_vat"] = new(("scaled", o => o with { ClampVat = ClampVatRule.Scaled }), ("separate", o => o with { ClampVat = ClampVatRule.Separate })),
        ["min_price_vat"] = new(("unknown", o => o with { IsMinPriceWithoutVat = false }), ("none", o => o with { IsMinPriceWithoutVat = true })),
        ["tariff_choice"] = new(
            ("stated", o => o with { TariffChoice = TariffChoiceRule.Stated }), ("per_period", o => o with { TariffChoice = TariffChoiceRule.PerPeriod }),
            ("session_start_only", o => o with { TariffChoice = TariffChoiceRule.SessionStartOnly })),
        ["reservation"] = new(("priced", o => o with { Reservation = ReservationRule.Priced }), ("ignored", o => o with { Reservation = ReservationRule.Ignored })),
        ["credit"] = new(("negated", o => o with { Credit = CreditRule.Negated }), ("not_negated", o => o with { Credit = CreditRule.NotNegated })),
        ["period_order"] = new(("sorted", o => o with { PeriodOrder = PeriodOrderRule.Sorted }), ("as_given", o => o with { PeriodOrder = PeriodOrderRule.AsGiven })),
        ["dup_dimension"] = new(
            ("first", o => o with { DuplicateDimension = DuplicateDimensionRule.First }), ("last", o => o with { DuplicateDimension = DuplicateDimensionRule.Last })),
        ["rounding"] = new(
            ("half_away", o => o with { Rounding = RoundingRule.HalfAwayFromZero }), ("half_even", o => o with { Rounding = RoundingRule.HalfEven }),
            ("per_component", o => o with { Rounding = RoundingRule.PerComponent })),
        ["vat_rounding"] = new(("total", o => o with { VatRounding = VatRoundingRule.Total }), ("per_rate", o => o with { VatRounding = VatRoundingRule.PerRate })),
        ["unsplit"] = new(("period_starts", o => o with { Unsplit = UnsplitRule.PeriodStarts }), ("interpolated", o => o with { Unsplit = UnsplitRule.Interpolated })),
        ["zone"] = new(("location", o => o with { Zone = ZoneRule.Location }), ("country", o => o with { Zone = ZoneRule.Country })),
        ["parking_states"] = new(
            ("driver", o => o with { ParkingStates = ParkingStatesRule.Driver }), ("all", o => o with { ParkingStates = ParkingStatesRule.All })),
        ["mid_session_change"] = new(
            ("session_start", o => o with { MidSessionChange = MidSessionChangeRule.SessionStart }),
            ("per_period", o => o with { MidSessionChange = MidSessionChangeRule.PerPeriod })),
        ["like"] = new(("ocpi-tariffs", LikeOcpiTariffs), ("ocpi-kit", LikeOcpiKit)),
    };

    /// <summary>The names, in ordinal order.</summary>
    public static IEnumerable<string> Names => All.Keys.Order(StringComparer.Ordinal);

    /// <summary>The values that a name takes, the default first; of <c>like</c> none is.</summary>
    public static IEnumerable<string> ValuesOf(string name) => All.TryGetValue(name, out var reading) ? reading.Choices.Select(choice => choice.Value) : [];

    /// <summary>Takes another reading: "step_total=all".</summary>
    /// <param name="error">Set where it returns false: what is wrong, and what there is.</param>
    public static bool TryTake(RatingOptions options, string text, [NotNullWhen(true)] out RatingOptions? taken, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        (taken, error) = (null, null);
        var at = text.IndexOf('=', StringComparison.Ordinal);
        // The row of ocpi-semantics.md and what it is about are both names of it.
        if (text.StartsWith("range_ends=", StringComparison.Ordinal))
        {
            return TryTake(options, text["range_ends=".Length..], out taken, out error);
        }
        var name = at < 0 ? text : text[..at];
        if (!All.TryGetValue(name, out var reading))
        {
            error = $"There is no reading {name}; there are {string.Join(", ", Names)}.";
            return false;
        }
        var value = at < 0 ? "" : text[(at + 1)..];
        var choice = Array.Find(reading.Choices, choice => choice.Value == value);
        if (choice.Take is null)
        {
            error = $"{(value.Length == 0 ? "Nothing" : value)} is no value of {name}; it takes {string.Join(", ", reading.Choices.Select(known => known.Value))}.";
            return false;
        }
        taken = choice.Take(options);
        return true;
    }

    /// <summary>Takes several, one after the other.</summary>
    /// <inheritdoc cref="TryTake(RatingOptions, string, out RatingOptions?, out string?)"/>
    public static bool TryTakeAll(RatingOptions options, IEnumerable<string> texts, [NotNullWhen(true)] out RatingOptions? taken, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(texts);
        (taken, error) = (options, null);
        foreach (var text in texts)
        {
            if (!TryTake(taken, text, out taken, out error))
            {
                error = $"{text}: {error}";
                return false;
            }
        }
        return true;
    }

    /// <summary>The readings that differ from the defaults as one text: "parking_states=all step_total=all"; empty = none does.</summary>
    public static string Text(RatingOptions options) => options == RatingOptions.Default ? "" : string.Join(' ', Differing(options).Select(reading => $"{reading.Name}={reading.Value}"));

    /// <summary>What <see cref="Text"/> wrote.</summary>
    /// <exception cref="FormatException">There is no such reading.</exception>
    public static RatingOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryTakeAll(RatingOptions.Default, text.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var options, out var error) ? options : throw new FormatException(error);
    }

    /// <summary>The readings that differ from the defaults, by name in ordinal order.</summary>
    public static IEnumerable<(string Name, string Value)> Differing(RatingOptions options)
    {
        foreach (var name in Names.Where(name => name != "like"))
        {
            // Taking the value that holds changes nothing.
            var held = All[name].Choices.First(choice => choice.Take(options) == options).Value;
            if (held != All[name].Choices[0].Value)
            {
                yield return (name, held);
            }
        }
    }

    private static RatingOptions LikeOcpiTariffs(RatingOptions options) => options with
    {
        ElementChoice = ElementChoice.PerDimension,
        StepSize = StepSizeRule.Ceiling,
        StepTotal = StepTotalRule.All,
        StepPrecision = StepPrecisionRule.AsWritten,
        PeriodSnap = true,
        ZeroVolume = ZeroVolumeRule.Counts,
        MinDuration = MinDurationRule.Inclusive,
        EqualTimes = EqualTimesRule.Never,
        EndMidnight = EndMidnightRule.EndOfDay,
        DurationOrigin = DurationOriginRule.FirstPeriod,
        MissingPower = MissingPowerRule.Match,
        PowerStandIn = false,
        Flat = FlatRule.OncePerSession,
        ClampVat = ClampVatRule.Separate,
        IsMinPriceWithoutVat = false,
        Zone = ZoneRule.Location,
        Unsplit = UnsplitRule.PeriodStarts,
        TariffChoice = TariffChoiceRule.SessionStartOnly,
        MidSessionChange = MidSessionChangeRule.SessionStart,
        Reservation = ReservationRule.Ignored,
        Credit = CreditRule.Negated,
        PeriodOrder = PeriodOrderRule.Sorted,
        DuplicateDimension = DuplicateDimensionRule.Last,
    };

    private static RatingOptions LikeOcpiKit(RatingOptions options) => options with
    {
        ElementChoice = ElementChoice.PerDimension,
        StepSize = StepSizeRule.Ceiling,
        StepTotal = StepTotalRule.Priced,
        StepPrecision = StepPrecisionRule.SixDecimals,
        PeriodSnap = false,
        ZeroVolume = ZeroVolumeRule.Skipped,
        MinDuration = MinDurationRule.Inclusive,
        EqualTimes = EqualTimesRule.WholeDay,
        EndMidnight = EndMidnightRule.NeverAlone,
        DurationOrigin = DurationOriginRule.SessionInSeconds,
        MissingPower = MissingPowerRule.NoMatch,
        PowerStandIn = true,
        Flat = FlatRule.OnceInAll,
        ClampVat = ClampVatRule.Scaled,
        IsMinPriceWithoutVat = true,
        Zone = ZoneRule.Location,
        Unsplit = UnsplitRule.PeriodStarts,
        TariffChoice = TariffChoiceRule.PerPeriod,
        MidSessionChange = MidSessionChangeRule.SessionStart,
        Reservation = ReservationRule.Priced,
        Credit = CreditRule.NotNegated,
        PeriodOrder = PeriodOrderRule.AsGiven,
        DuplicateDimension = DuplicateDimensionRule.First,
    };

    private sealed class Reading(params (string Value, Func<RatingOptions, RatingOptions> Take)[] choices)
    {
        public (string Value, Func<RatingOptions, RatingOptions> Take)[] Choices { get; } = choices;
    }
}
