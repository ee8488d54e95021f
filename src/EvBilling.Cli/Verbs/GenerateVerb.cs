using System.CommandLine;
using EvBilling.Cli.Pricing;

namespace EvBilling.Cli.Verbs;

/// <summary><c>generate</c>: CDRs of sessions that are made up.</summary>
internal static class GenerateVerb
{
    public static Command Create(CancellationToken stop)
    {
        var cases = new Option<string>("--cases")
        {
            Description = "A case a line, {id, timezone, tariff, config: {start_date_time, end_date_time, max_power_supply_kw, requested_kwh, and if known max_current_supply_amp, location, token}}, "
                + CaseStream.SourceDescription,
            HelpName = "FILE|-",
            Required = true,
        };
        var command = new Verb(
            "generate",
            "Complete OCPI 2.2.1 CDRs, {id, cdr} a line, of sessions that are made up: constant power until requested_kwh, then parking; cut at every moment that may change the price, and priced.",
            "evbilling generate --cases cases.jsonl > cdrs.jsonl\n"
            + "evbilling generate --cases cases.jsonl.gz | evbilling price --cases -")
        {
            cases,
        };
        command.SetAction(parsed => CaseStream.Run(parsed.GetValue(cases)!, counts => new GenerateWorker(counts), stop));
        return command;
    }
}
