using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;

namespace EvBilling.Tariffs;

/// <summary>Makes a document's entry of one tariff's JSON: the tariff, or the refusal together with what can still be known of the tariff.</summary>
internal static class TariffEntryReader
{
    public static TariffEntry Read(int index, ReadOnlyMemory<byte> json, TariffRefusal? refusal, OcpiVersion? version)
    {
        if (refusal is null && TariffReader.TryRead(json, version, out var tariff, out refusal))
        {
            return new TariffEntry
            {
                Index = index,
                Json = json,
                Id = tariff.Id,
                CountryCode = tariff.CountryCode,
                PartyId = tariff.PartyId,
                LastUpdated = tariff.LastUpdated,
                StartDateTime = tariff.StartDateTime,
                EndDateTime = tariff.EndDateTime,
                Tariff = tariff,
            };
        }
        return WithHead(new TariffEntry { Index = index, Json = json, Refusal = refusal });
    }

    private static TariffEntry WithHead(TariffEntry entry)
    {
        try
        {
            using var document = JsonDocument.Parse(entry.Json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return entry;
            }
            var root = new OcpiJson(document.RootElement, "", ImmutableArray.CreateBuilder<TariffFinding>());
            return entry with
            {
                Id = Known(root.Member("id"), static member => member.TextOrNull()),
                CountryCode = Known(root.Member("country_code"), static member => member.TextOrNull()),
                PartyId = Known(root.Member("party_id"), static member => member.TextOrNull()),
                LastUpdated = Known(root.Member("last_updated"), static member => member.InstantOrNull()),
                StartDateTime = Known(root.Member("start_date_time"), static member => member.InstantOrNull()),
                EndDateTime = Known(root.Member("end_date_time"), static member => member.InstantOrNull()),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Its refusal says so already.
            return entry;
        }
    }

    private static T? Known<T>(OcpiJson member, Func<OcpiJson, T?> read)
    {
        try
        {
            return read(member);
        }
        catch (TariffRefusedException)
        {
            return default;
        }
    }
}
