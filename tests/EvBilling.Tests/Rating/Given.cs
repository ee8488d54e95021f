using System.Text;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>Short words for rating tests: periods in kWh and seconds, tariffs of components as JSON.</summary>
internal static class Given
{
    public const long Start = 1_767_600_000L * Second;
    public const long Second = 1_000_000_000;

    public static CompiledTariff Tariff(params string[] elements) => TariffIn("EUR", "", elements);

    public static CompiledTariff TariffIn(string currency, string members, params string[] elements)
    {
        Assert.True(CompiledTariff.TryCompile(Read(TariffJson(currency, members, elements)), null, out var compiled, out var refusal), refusal?.ToString());
        return compiled;
    }

    public static string TariffJson(string currency, string members, params string[] elements)
    {
        var json = string.Join(',', elements.Select(element => $$"""{"price_components":[{{element}}]}"""));
        return $$"""{"id":"T","currency":"{{currency}}",{{members}}"elements":[{{json}}]}""";
    }

    public static Tariff Read(string json, OcpiVersion? version = null)
    {
        Assert.True(TariffReader.TryRead(Encoding.UTF8.GetBytes(json), version, out var tariff, out var refusal), refusal?.ToString());
        return tariff;
    }

    public static string Energy(string price, int step = 0, string vat = "0") => Component("ENERGY", price, step, vat);

    public static string Time(string price, int step = 0, string vat = "0") => Component("TIME", price, step, vat);

    public static string Parking(string price, int step = 0, string vat = "0") => Component("PARKING_TIME", price, step, vat);

    public static string Flat(string price, string vat = "0") => Component("FLAT", price, 1, vat);

    public static RatingPeriod Period(int at, decimal kwh = 0, decimal timeS = 0, decimal parkingS = 0) =>
        new(Start + at * Second, (long)(kwh * 1_000_000), (long)(timeS * Second), (long)(parkingS * Second));

    public static RatingResult Rate(CompiledTariff tariff, params RatingPeriod[] periods)
    {
        var result = new RatingResult();
        Rater.Rate(new RatingSession(Start, Start + 86_400 * Second, periods), tariff, result);
        return result;
    }

    public static RatedAmounts Bill(CompiledTariff tariff, params RatingPeriod[] periods) => BillAmounts.Round(Rate(tariff, periods), periods);

    /// <summary>"ENERGY 0-600 10.5": dimension, seconds from the start, quantity billed.</summary>
    public static string Show(BillLine line) =>
        $"{line.Dimension} {(line.FromUnixNs - Start) / Second}-{(line.ToUnixNs - Start) / Second} {line.Quantity}";

    private static string Component(string type, string price, int step, string vat) =>
        $$"""{"type":"{{type}}","price":{{price}},"step_size":{{step}}{{(vat.Length == 0 ? "" : $",\"vat\":{vat}")}}}""";
}
