using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace EvBilling.Simulator;

/// <summary>The fleet's tariffs as OCPI 2.2.1: one for each type of connector. Prices in euros without VAT.</summary>
internal static class FleetTariffs
{
    private const decimal VatPercent = 21m;

    private static readonly Tariff[] All =
    [
        new(ConnectorType.Ac, "Slow charging", [new("FLAT", 0.35m, 1), new("ENERGY", 0.42m, 1), new("PARKING_TIME", 0.30m, 900)]),
        new(ConnectorType.Dc50, "Charging at 50 kW", [new("FLAT", 0.50m, 1), new("ENERGY", 0.55m, 1), new("PARKING_TIME", 3.00m, 300)]),
        new(ConnectorType.Dc150, "Charging at 150 kW", [new("ENERGY", 0.61m, 100), new("TIME", 1.20m, 60), new("PARKING_TIME", 6.00m, 300)]),
        new(ConnectorType.Dc300, "Charging at 300 kW", [new("ENERGY", 0.67m, 1), new("PARKING_TIME", 9.00m, 60)]),
    ];

    /// <summary>The array, last updated when the simulated time begins: in force for every session.</summary>
    public static byte[] ToJson(Instant start)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartArray();
            foreach (var tariff in All)
            {
                Write(json, tariff, start);
            }

            json.WriteEndArray();
        }

        return bytes.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Tariff tariff, Instant start)
    {
        json.WriteStartObject();
        json.WriteString("country_code", FleetIds.TariffCountryCode);
        json.WriteString("party_id", FleetIds.PartyId);
        json.WriteString("id", tariff.Connector.TariffId);
        json.WriteString("currency", "EUR");
        json.WriteStartArray("tariff_alt_text");
        json.WriteStartObject();
        json.WriteString("language", "en");
        json.WriteString("text", tariff.Name);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("elements");
        foreach (var price in tariff.Prices)
        {
            json.WriteStartObject();
            json.WriteStartArray("price_components");
            json.WriteStartObject();
            json.WriteString("type", price.Dimension);
            json.WriteNumber("price", price.Euros);
            json.WriteNumber("vat", VatPercent);
            json.WriteNumber("step_size", price.StepSize);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("last_updated", InstantPattern.General.Format(start));
        json.WriteEndObject();
    }

    private sealed record Tariff(ConnectorType Connector, string Name, Price[] Prices);

    /// <summary>Euros a kWh, hour or session; the step in Wh or seconds.</summary>
    private sealed record Price(string Dimension, decimal Euros, int StepSize);
}
