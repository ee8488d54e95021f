using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>One version of a tariff, as it was published and read once. Two publishers may use the same id for different tariffs.</summary>
/// <typeparam name="TPayload">What it stands for: a compiled tariff, or why it is refused.</typeparam>
public sealed class TariffVersion<TPayload>
{
    /// <summary>OCPI <c>id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>ISO 3166-1 alpha-2 code of the publisher's country; null: not stated, as in OCPI 2.1.1.</summary>
    public string? CountryCode { get; init; }

    /// <summary>The publisher's id; null: not stated.</summary>
    public string? PartyId { get; init; }

    /// <summary>OCPI <c>start_date_time</c>: in force from then on, inclusive; null: since <see cref="LastUpdated"/>.</summary>
    public Instant? StartDateTime { get; init; }

    /// <summary>OCPI <c>end_date_time</c>: not for sessions that start then or later; null: no end.</summary>
    public Instant? EndDateTime { get; init; }

    /// <summary>OCPI <c>last_updated</c>; null: older than any.</summary>
    public Instant? LastUpdated { get; init; }

    /// <summary>The order in which the store read its versions for the first time: 1, 2, 3, ...</summary>
    public required long LoadedSequence { get; init; }

    /// <summary>Equal content has an equal hash: of one publisher's versions of an id with one hash and equal times only the first loaded counts.</summary>
    public required string ContentHash { get; init; }

    public required TPayload Payload { get; init; }

    /// <summary>When it began: its start, else its last update, else before all time.</summary>
    internal Instant Began => StartDateTime ?? LastUpdated ?? Instant.MinValue;
}
