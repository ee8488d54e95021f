using System.Text;
using System.Text.Json;
using EvBilling.Events;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Billing;

/// <summary>What a partner makes of a CDR: its own tariff over its own periods, read from the text alone.</summary>
internal static class CdrRepricing
{
    public static RatedAmounts Of(JsonElement cdr)
    {
        var tariffJson = Encoding.UTF8.GetBytes(cdr.GetProperty("tariffs")[0].GetRawText());
        Assert.True(TariffReader.TryRead(tariffJson, OcpiVersion.V221, out var tariff, out var refusal), refusal?.ToString());
        Assert.Empty(tariff.Findings);
        Assert.True(CompiledTariff.TryCompile(tariff, OcpiVersion.V221, out var compiled, out refusal), refusal?.ToString());
        var (startNs, endNs) = (Time(cdr, "start_date_time"), Time(cdr, "end_date_time"));
        var starts = cdr.GetProperty("charging_periods").EnumerateArray().Select(period => Time(period, "start_date_time")).ToArray();
        Assert.Equal(startNs, starts[0]);
        var periods = cdr.GetProperty("charging_periods").EnumerateArray().Select((period, i) =>
        {
            var lengthNs = (i + 1 < starts.Length ? starts[i + 1] : endNs) - starts[i];
            return new RatingPeriod(
                starts[i], CdrVolume.EnergyMwh(Volume(period, "ENERGY")), CdrVolume.TimeNs(Volume(period, "TIME"), lengthNs),
                CdrVolume.TimeNs(Volume(period, "PARKING_TIME"), lengthNs));
        }).ToArray();
        var result = new RatingResult();
        Rater.Rate(startNs, endNs, periods, compiled, result);
        return BillAmounts.Round(result, periods);
    }

    public static (decimal ExclVat, decimal? InclVat) TotalCost(JsonElement cdr) => (
        cdr.GetProperty("total_cost").GetProperty("excl_vat").GetDecimal(),
        cdr.GetProperty("total_cost").TryGetProperty("incl_vat", out var inclVat) ? inclVat.GetDecimal() : null);

    private static decimal Volume(JsonElement period, string dimension) =>
        period.GetProperty("dimensions").EnumerateArray().Where(item => item.GetProperty("type").GetString() == dimension)
            .Select(item => item.GetProperty("volume").GetDecimal()).SingleOrDefault();

    private static long Time(JsonElement parent, string name)
    {
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(parent.GetProperty(name).GetString()!), out var unixNs, out _));
        return unixNs;
    }
}
