using EvBilling.Billing;
using EvBilling.Engine;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli;

/// <summary>Reads tariff and location files, and names what cannot be used.</summary>
internal static class TariffFiles
{
    // A file of thousands of refused tariffs would push everything else off the screen.
    private const int NamedMax = 100;

    /// <summary>Reads a tariff file and names on stderr what cannot be used.</summary>
    /// <exception cref="UsageException">The file cannot be read, or holds no tariff that can be used.</exception>
    public static IReadOnlyList<TariffEntry> ReadTariffs(string path)
    {
        IReadOnlyList<TariffEntry> entries;
        try
        {
            entries = TariffDocument.Read(InputFile.ReadAll(path, "--tariffs"));
        }
        catch (TariffDocumentException e)
        {
            throw new UsageException($"--tariffs {path}: {e.Message}");
        }
        var refused = new List<string>();
        foreach (var entry in entries)
        {
            if (Refusal(entry) is { } refusal)
            {
                var where = refusal.Path.Length == 0 ? "" : refusal.Path + ": ";
                refused.Add(entry.Id is null
                    ? $"number {entry.Index + 1} in {path} is left out: {where}{refusal.Message}"
                    : $"tariff {entry.Id} in {path} cannot be used: {where}{refusal.Message} Its sessions are held (TariffRefused).");
            }
        }
        foreach (var line in refused.Take(NamedMax))
        {
            CommandRunner.Say(line);
        }
        if (refused.Count > NamedMax)
        {
            CommandRunner.Say($"... and {refused.Count - NamedMax} more tariffs in {path}.");
        }
        if (entries.Count == refused.Count)
        {
            throw new UsageException(entries.Count == 0
                ? $"--tariffs {path} holds no tariff; give an OCPI tariff, a list of them, or one a line."
                : $"--tariffs {path}: none of its tariffs can be used.");
        }
        return entries;
    }

    /// <summary>Reads a location file and names on stderr what cannot be read.</summary>
    /// <exception cref="UsageException">The file cannot be read.</exception>
    public static IReadOnlyList<LocationEntry> ReadLocations(string? path)
    {
        if (path is null)
        {
            return [];
        }
        try
        {
            var entries = LocationDocument.Read(InputFile.ReadAll(path, "--locations"));
            foreach (var entry in entries.Where(entry => entry.Error is not null).Take(NamedMax))
            {
                CommandRunner.Say($"a location in {path} cannot be used: {entry.Error!.Path}: {entry.Error.Message}");
            }
            return entries;
        }
        catch (LocationDocumentException e)
        {
            throw new UsageException($"--locations {path}: {e.Message}");
        }
    }

    private static TariffRefusal? Refusal(TariffEntry entry) => entry.Id is null && entry.Refusal is null
        ? new TariffRefusal("/id", "The tariff has no id.")
        : StoredBilling.Compile(entry, RatingOptions.Default).Refusal;
}
