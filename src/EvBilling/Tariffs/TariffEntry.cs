using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>
/// One tariff of a document: as written, who published it and when, and what it says or why it can't be read; exactly one of the last two is set.
/// </summary>
public sealed record TariffEntry
{
    /// <summary>Its place among the document's tariffs, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The tariff's own JSON, byte for byte; in JSON Lines a line that is no JSON.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Null where it can't be read; likewise the next five.</summary>
    public string? Id { get; init; }

    public string? CountryCode { get; init; }

    public string? PartyId { get; init; }

    public Instant? LastUpdated { get; init; }

    public Instant? StartDateTime { get; init; }

    public Instant? EndDateTime { get; init; }

    public Tariff? Tariff { get; init; }

    public TariffRefusal? Refusal { get; init; }
}
