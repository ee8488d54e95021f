using System.CommandLine;
using EvBilling.Cli.Pricing;
using EvBilling.Rating;

namespace EvBilling.Cli.Verbs;

/// <summary><c>price</c>: what CDRs cost under OCPI tariffs.</summary>
internal static class PriceVerb
{
    public static Command Create(CancellationToken stop)
    {
        var cases = new Option<string?>("--cases")
        {
            Description = "A case a line, {id, timezone, ocpi_version, tariff or tariffs, cdr}, " + CaseStream.SourceDescription,
            HelpName = "FILE|-",
        };
        var tariff = new Option<string?>("--tariff") { Description = "For one CDR: an OCPI tariff, or several that rate it together; else those that the CDR carries.", HelpName = "FILE" };
        var cdr = new Option<string?>("--cdr") { Description = "For one CDR: the OCPI CDR.", HelpName = "FILE" };
        var timeZone = new Option<string?>("--timezone") { Description = "For one CDR: where local time comes from, such as Europe/Amsterdam.", HelpName = "ZONE" };
        var version = new Option<string?>("--ocpi-version") { Description = "For one CDR: whose rules hold; else 2.3.0 for a tariff with tax_included, else 2.2.1.", HelpName = "2.1.1|2.2.1|2.3.0" };
        version.AcceptOnlyFromAmong("2.1.1", "2.2.1", "2.3.0");
        var expired = new Option<bool>("--reservation-expired") { Description = "For one CDR: its reservation was not used." };
        var reading = new ReadingOption($"Another reading of OCPI than EvBilling's own; may be given several times. {ReadingOption.Known}.");
        var round = new Option<bool>("--round") { Description = "Round to the currency's minor unit, as a bill is; else amounts are exact." };
        var explain = new Option<bool>("--explain") { Description = "For one CDR: for a person: which element priced what and why the others did not, sums and rounding." };
        var command = new Verb(
            "price",
            "What CDRs cost under OCPI 2.1.1, 2.2.1 and 2.3.0 tariffs: exactly, line by line.",
            "evbilling price --cdr cdr.json --tariff tariff.json --timezone Europe/Amsterdam --explain\n"
            + "evbilling price --cdr cdr.json --tariff tariff.json --timezone Europe/Amsterdam --reading step_size=per_period\n"
            + "evbilling price --cases cases.jsonl.gz > prices.jsonl\n"
            + "evbilling price --cases - --reading like=ocpi-kit < cases.jsonl")
        {
            cases, tariff, cdr, timeZone, version, expired, reading, round, explain,
        };
        command.SetAction(parsed =>
        {
            var options = reading.In(parsed) ?? RatingOptions.Default;
            if (parsed.GetValue(cases) is { } source)
            {
                foreach (var option in new Option[] { tariff, cdr, timeZone, version, expired, explain })
                {
                    if (parsed.GetResult(option) is { Implicit: false })
                    {
                        throw new UsageException($"{option.Name} goes without --cases, whose lines say it themselves.");
                    }
                }
                var (zones, isRounded) = (new RatingZones(), parsed.GetValue(round));
                return CaseStream.Run(source, counts => new CaseWorker(options, zones, isRounded, counts), stop);
            }
            var single = new SinglePrice(
                parsed.GetValue(cdr) ?? throw new UsageException("Say what to price: --cases FILE, or --cdr FILE."),
                parsed.GetValue(tariff), parsed.GetValue(timeZone), parsed.GetValue(version), parsed.GetValue(expired));
            Console.Out.WriteLine(parsed.GetValue(explain) ? single.Explanation(options) : single.Json(options, parsed.GetValue(round)));
            return 0;
        });
        return command;
    }
}
