using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Running;

/// <summary>Which readings of OCPI the bills of a store are made by: those that a run is told, else those that the store holds.</summary>
internal static class StoredReadings
{
    /// <summary>Registers tariffs, locations and options with the store.</summary>
    /// <param name="say">Is told where the readings are no longer, or are not, what one may take for granted.</param>
    /// <returns>The options, with the readings that hold from now on.</returns>
    public static StoredOptions Register(
        IBillStore store, IReadOnlyList<TariffEntry> tariffs, IReadOnlyList<LocationEntry> locations, StoredOptions stated, Action<string> say)
    {
        var before = store.ReadOptions()?.Readings;
        store.Register(tariffs, locations, stated);
        if (Note(before, stated.Readings) is { } note)
        {
            say(note);
        }
        return stated with { Readings = store.ReadOptions()!.Readings };
    }

    /// <param name="before">Null = the store is new.</param>
    /// <param name="stated">Null = the run is told none.</param>
    private static string? Note(string? before, string? stated) => (before, stated) switch
    {
        ({ Length: > 0 }, null) =>
            $"This store's bills are made by other readings of OCPI than EvBilling's own, as an earlier run was told: {before}. To leave them, name a default one, such as --reading {DefaultOf(before)}.",
        ({ }, { }) when before != stated =>
            $"This store's bills were made by {Named(before)}; from now on they are made by {Named(stated)}. What is billed stays as it is until its session changes.",
        _ => null,
    };

    private static string Named(string readings) => readings.Length == 0 ? "EvBilling's own readings of OCPI" : $"the readings {readings}";

    private static string DefaultOf(string readings)
    {
        var name = readings[..readings.IndexOf('=', StringComparison.Ordinal)];
        return $"{name}={RatingReadings.ValuesOf(name).First()}";
    }
}
