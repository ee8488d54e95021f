using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Engine;

/// <summary>What bills are worked out by, made of what a store holds: its tariffs, its locations, the options of its last run.</summary>
public sealed class StoredBilling
{
    private readonly TariffBook<BillableTariff> _book;

    public StoredBilling(IBillStore store, StoredOptions? options)
    {
        Tariffs = store.ReadTariffs();
        Options = OptionsOf(options);
        _book = Book(Tariffs, Options.Rating);
        Locations = new LocationBook(store.ReadLocations());
    }

    /// <summary>In order of their sequence.</summary>
    public IReadOnlyList<StoredTariff> Tariffs { get; }

    public LocationBook Locations { get; }

    /// <summary>What bills depend on besides events, tariffs and locations.</summary>
    public BillingOptions Options { get; }

    /// <summary>The sequence of the newest tariff version; 0 = there is none.</summary>
    public long TariffsUntil => Tariffs.Count == 0 ? 0 : Tariffs[^1].Sequence;

    /// <summary>A biller of its own for each thread.</summary>
    public Biller CreateBiller() => new(_book, Locations, Options);

    /// <summary>A tariff version of a store as sessions choose between them.</summary>
    /// <param name="stored">One that has an id.</param>
    /// <param name="rating">The readings that hold.</param>
    public static TariffVersion<BillableTariff> Version(StoredTariff stored, RatingOptions rating) => new()
    {
        Id = stored.Entry.Id!,
        CountryCode = stored.Entry.CountryCode,
        PartyId = stored.Entry.PartyId,
        StartDateTime = stored.Entry.StartDateTime,
        EndDateTime = stored.Entry.EndDateTime,
        LastUpdated = stored.Entry.LastUpdated,
        LoadedSequence = stored.Sequence,
        ContentHash = stored.ContentHash,
        Payload = Compile(stored.Entry, rating),
    };

    /// <summary>The tariff made ready, or why it cannot be used.</summary>
    public static BillableTariff Compile(TariffEntry entry, RatingOptions rating) =>
        entry.Tariff is null ? new(null, entry.Refusal)
        : CompiledTariff.TryCompile([entry.Tariff], null, rating, out var compiled, out var refusal) ? new(compiled, null) : new(null, refusal);

    private static BillingOptions OptionsOf(StoredOptions? options) => new()
    {
        DefaultTariffId = options?.DefaultTariffId,
        DefaultZone = options?.TimeZoneId is { } id ? TimeZoneChooser.FindZone(id) : null,
        MaxSessionNs = options is null ? new BillingOptions().MaxSessionNs : options.MaxSessionSeconds * Rfc3339.NsPerSecond,
        Rating = Readings(options?.Readings ?? ""),
    };

    private static RatingOptions Readings(string text)
    {
        try
        {
            return RatingReadings.Parse(text);
        }
        catch (FormatException e)
        {
            throw new BillStoreException($"The store's bills are made by readings that this version does not know ({e.Message}) Use a newer version, or give `run` other readings.", isUnusable: true);
        }
    }

    private static TariffBook<BillableTariff> Book(IReadOnlyList<StoredTariff> stored, RatingOptions rating) =>
        new(stored.Where(tariff => tariff.Entry.Id is not null).Select(tariff => Version(tariff, rating)));
}
