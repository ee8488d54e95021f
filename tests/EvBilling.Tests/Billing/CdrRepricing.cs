using System.Text;
using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Billing;

/// <summary>What a partner makes of a CDR: its own tariff over its own periods, read from the text alone.</summary>
internal static class CdrRepricing
{
    public static RatedAmounts Of(JsonElement cdr, RatingOptions? options = null)
    {
        options ??= RatingOptions.Default;
        var tariffJson = Encoding.UTF8.GetBytes(cdr.GetProperty("tariffs")[0].GetRawText());
        Assert.True(TariffReader.TryRead(tariffJson, OcpiVersion.V221, out var tariff, out var refusal), refusal?.ToString());
        Assert.Empty(tariff.Findings);
        Assert.True(CompiledTariff.TryCompile((IReadOnlyList<Tariff>)[tariff], OcpiVersion.V221, options, out var compiled, out refusal), refusal?.ToString());
        Assert.True(CdrReader.TryRead(cdr, options, out var read, out refusal), refusal?.ToString());
        Assert.Equal(cdr.GetProperty("start_date_time").GetString(), cdr.GetProperty("charging_periods")[0].GetProperty("start_date_time").GetString());
        var result = new RatingResult();
        Rater.Rate(read.Session(new RatingZone(TimeZoneChooser.FindZone("Europe/Amsterdam")!)), compiled, result);
        return BillAmounts.Round(result, read.Periods);
    }

    public static (decimal ExclVat, decimal? InclVat) TotalCost(JsonElement cdr) => (
        cdr.GetProperty("total_cost").GetProperty("excl_vat").GetDecimal(),
        cdr.GetProperty("total_cost").TryGetProperty("incl_vat", out var inclVat) ? inclVat.GetDecimal() : null);
}
