using EvBilling.Events;
using EvBilling.Rating;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Billing;

/// <summary>A version of a tariff as billing uses it: exactly one of the two is set.</summary>
public sealed record BillableTariff(CompiledTariff? Compiled, TariffRefusal? Refusal);

/// <summary>What a bill depends on besides its events, tariffs and locations.</summary>
public sealed record BillingOptions
{
    /// <summary>The longest session that is believed, inclusive, in nanoseconds.</summary>
    public long MaxSessionNs { get; init; } = 31L * 24 * 3600 * Rfc3339.NsPerSecond;

    /// <summary>What a session without any other tariff is billed by; null = it is held.</summary>
    public string? DefaultTariffId { get; init; }

    /// <summary>The zone of a location that states none.</summary>
    public DateTimeZone? DefaultZone { get; init; }

    /// <summary>Which readings of OCPI hold; the tariffs are compiled for the same.</summary>
    public RatingOptions Rating { get; init; } = RatingOptions.Default;
}
