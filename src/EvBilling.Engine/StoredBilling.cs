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
    private readonly LocationBook _locations;
    private readonly BillingOptions _options;

    public StoredBilling(IBillStore store, StoredOptions? options)
        : this(store, store.ReadTariffs(), options)
    {
    }

    /// <param name="tariffs">Those of the store.</param>
    public StoredBilling(IBillStore store, IReadOnlyList<StoredTariff> tariffs, StoredOptions? options)
    {
        Tariffs = tariffs;
        _book = Book(tariffs);
        _locations = new LocationBook(store.ReadLocations());
        _options = OptionsOf(options);
    }

    /// <summary>In order of their sequence.</summary>
    public IReadOnlyList<StoredTariff> Tariffs { get; }

    /// <summary>The sequence of the newest tariff version; 0 = there is none.</summary>
    public long TariffsUntil => Tariffs.Count == 0 ? 0 : Tariffs[^1].Sequence;

    /// <summary>A biller of its own for each thread.</summary>
    public Biller CreateBiller() => new(_book, _locations, _options);

    /// <summary>What bills depend on besides events, tariffs and locations, as the last run had it.</summary>
    public static BillingOptions OptionsOf(StoredOptions? options) => new()
    {
        DefaultTariffId = options?.DefaultTariffId,
        DefaultZone = options?.TimeZoneId is { } id ? TimeZoneChooser.FindZone(id) : null,
        MaxSessionNs = options is null ? new BillingOptions().MaxSessionNs : options.MaxSessionSeconds * Rfc3339.NsPerSecond,
    };

    public static TariffBook<BillableTariff> Book(IReadOnlyList<StoredTariff> stored) => new(stored.Where(tariff => tariff.Entry.Id is not null).Select(tariff =>
        new TariffVersion<BillableTariff>
        {
            Id = tariff.Entry.Id!,
            CountryCode = tariff.Entry.CountryCode,
            PartyId = tariff.Entry.PartyId,
            StartDateTime = tariff.Entry.StartDateTime,
            EndDateTime = tariff.Entry.EndDateTime,
            LastUpdated = tariff.Entry.LastUpdated,
            LoadedSequence = tariff.Sequence,
            ContentHash = tariff.ContentHash,
            Payload = Compile(tariff.Entry),
        }));

    /// <summary>The tariff made ready, or why it cannot be used.</summary>
    public static BillableTariff Compile(TariffEntry entry) =>
        entry.Tariff is null ? new(null, entry.Refusal)
        : CompiledTariff.TryCompile(entry.Tariff, null, out var compiled, out var refusal) ? new(compiled, null) : new(null, refusal);
}
