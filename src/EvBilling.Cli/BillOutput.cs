using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Billing.Ocpi;
using EvBilling.Engine;
using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Cli;

/// <summary>Bills as JSON Lines, CSV or OCPI CDRs.</summary>
internal static class BillOutput
{
    /// <summary>Texts stay readable: only what JSON itself demands is escaped.</summary>
    public static JsonWriterOptions Json => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void WriteJsonLines(IEnumerable<Bill> bills, Stream output)
    {
        using var writer = new Utf8JsonWriter(output, Json);
        foreach (var bill in bills)
        {
            BillJson.Write(writer, bill);
            EndLine(writer, output);
        }
    }

    public static void WriteCsv(IEnumerable<Bill> bills, Stream output)
    {
        var row = new ArrayBufferWriter<byte>(4096);
        BillCsv.WriteHeader(row);
        foreach (var bill in bills)
        {
            BillCsv.Write(row, bill);
            output.Write(row.WrittenSpan);
            row.ResetWrittenCount();
        }
        output.Write(row.WrittenSpan);
    }

    /// <summary>The CDRs of every session that was final once: each with its credit and replacement where it was corrected.</summary>
    /// <returns>False if a session was refused, since facts of its location or token are not known.</returns>
    public static bool WriteOcpi(IBillStore store, string? sessionId, bool placeholders, Stream output)
    {
        var tariffs = store.ReadTariffs().ToDictionary(tariff => tariff.Sequence, tariff => tariff.Entry.Json);
        var locations = new LocationBook(store.ReadLocations());
        using var writer = new Utf8JsonWriter(output, Json);
        var refused = 0;
        foreach (var versions in Sessions(store.ReadBills(sessionId, allVersions: true)))
        {
            var cdrs = CdrChain.Of(versions).Select(item => (Item: item, Facts: Facts(item, versions))).ToList();
            var missing = placeholders ? [] : cdrs.SelectMany(cdr => CdrWriter.MissingFacts(cdr.Item.Bill, cdr.Facts)).Distinct().ToList();
            if (missing.Count > 0)
            {
                CommandRunner.Say($"session {versions[0].SessionId} is left out: not known: {string.Join(", ", missing)}. Give --locations to run, or --placeholders here.");
                refused++;
                continue;
            }
            foreach (var (item, facts) in cdrs)
            {
                CdrWriter.TryWrite(writer, item, facts, out _);
                EndLine(writer, output);
            }
        }
        return refused == 0;

        CdrFacts Facts(CdrItem item, IReadOnlyList<Bill> versions) => new()
        {
            Place = locations.Find(item.Bill.LocationId, item.Bill.StationId, item.Bill.EvseId, item.Bill.ConnectorId),
            TariffJson = item.Bill.TariffSequence is { } sequence ? tariffs[sequence] : default,
            LaterTariffJsons = [.. item.Bill.TariffChanges.Select(change => tariffs[change.Sequence])],
            LastUpdated = Instant.FromUnixTimeSeconds(versions.First(bill => bill.Version == item.CreatedByVersion).WrittenAtUnixSeconds ?? 0),
            Placeholders = placeholders,
        };
    }

    private static IEnumerable<IReadOnlyList<Bill>> Sessions(IEnumerable<Bill> inOrder)
    {
        var versions = new List<Bill>();
        foreach (var bill in inOrder)
        {
            if (versions.Count > 0 && versions[0].SessionId != bill.SessionId)
            {
                yield return versions;
                versions = [];
            }
            versions.Add(bill);
        }
        if (versions.Count > 0)
        {
            yield return versions;
        }
    }

    private static void EndLine(Utf8JsonWriter writer, Stream output)
    {
        writer.Flush();
        writer.Reset();
        output.WriteByte((byte)'\n');
    }
}
