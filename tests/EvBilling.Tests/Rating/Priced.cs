using System.Text.Json;
using EvBilling.Cdrs;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Tests.Rating;

/// <summary>A CDR that must have a price, from JSON.</summary>
internal static class Priced
{
    public static RatingResult Result(
        ReadOnlyMemory<byte> tariffJson, OcpiVersion? version, JsonElement cdrJson, RatingZone zone, RatingOptions options, out Cdr cdr, bool isReservationExpired = false)
    {
        Assert.True(TariffReader.TryRead(tariffJson, version, out var tariff, out var refusal), refusal?.Message);
        Assert.True(CompiledTariff.TryCompile([tariff], null, options, out var compiled, out refusal), refusal?.Message);
        Assert.True(CdrReader.TryRead(cdrJson, options, out var read, out refusal), refusal?.Message);
        cdr = read;
        var result = new RatingResult();
        Rater.Rate(cdr.Session(zone, isReservationExpired), compiled, result);
        Assert.Equal(RatingOutcome.Priced, result.Outcome);
        return result;
    }
}
