using System.Text.Json;
using EvBilling.Rating;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers lines of <c>price --cases</c>.</summary>
internal sealed class CaseWorker(RatingOptions options, RatingZones zones, bool isRounded, CaseCounts counts)
    : CaseLineWorker(counts, "{\"id\", \"timezone\", \"ocpi_version\", \"tariff\", \"cdr\"}")
{
    private readonly CdrPricer _pricer = new(options, zones);

    protected override Action<Utf8JsonWriter> Answered(JsonElement json) => new PriceJson(PriceCase.Price(json, _pricer), isRounded).WriteMembers;

    protected override void WriteError(Utf8JsonWriter writer, string error) => PriceJson.WriteError(writer, error);
}
