using System.Globalization;

namespace EvBilling.SystemTests.Support;

/// <summary>Tariffs as JSON.</summary>
internal static class TariffTexts
{
    /// <summary>So much a kWh, 20 % VAT.</summary>
    public static string Energy(string id, decimal price, string lastUpdated = "2020-01-01T00:00:00Z", string restrictions = "") => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"{{id}}","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":{{price}},"vat":20,"step_size":1}]{{restrictions}}}],"last_updated":"{{lastUpdated}}"}""");

    /// <summary>One that cannot be used.</summary>
    public static string Refused(string id) => Energy(id, 0.5m).Replace("\"price\":0.5", "\"price\":\"cheap\"", StringComparison.Ordinal);

    public static string List(params string[] tariffs) => $"[{string.Join(',', tariffs)}]";
}
