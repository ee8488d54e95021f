using System.Diagnostics;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Billing.Ocpi;
using EvBilling.Tariffs;
using EvBilling.Tests.Locations;
using EvBilling.Tests.Rating;

namespace EvBilling.Tests.Billing;

/// <summary>CDRs before a judge that nobody here wrote: py_ocpi's models of OCPI 2.2.1.</summary>
public sealed class CdrValidationTests
{
    [Fact]
    public void Cdrs_of_a_fleet_in_the_field_and_their_credits_are_valid()
    {
        var (by, bills) = Billed.FieldWeek;
        var final = bills.Where(bill => bill.Status == BillStatus.Final).Take(400).ToArray();
        AssertValid(final.SelectMany(bill => new[] { by.Cdr(bill), by.Cdr(bill, isCredit: true) }));
    }

    [Fact]
    public void Cdrs_that_carry_real_tariffs_are_valid() => AssertValid(
        TariffDocument.Read(SharedData.Read("tariffs/ndw_nl_tariffs_20260607.jsonl.xz")).Where(entry => entry.Id is not null)
            .Select(entry => Given.Operator.Cdr(Given.Bill(), change: facts => facts with { TariffJson = entry.Json })));

    [Fact]
    public void Cdrs_of_placeholders_and_of_cut_ids_are_valid()
    {
        var longId = string.Concat(Enumerable.Repeat("Säule\t1 ", 9));
        var bill = Given.Bill(sessionId: longId, tokenId: longId, lines: [Given.Line("ENERGY", 1.11m, 0.23m), Given.Line("FLAT", 0.10m, null)]);
        AssertValid(new[] { bill, Given.Bill(tokenId: null) }.SelectMany(of => new[] { false, true }.SelectMany(isCredit => new[]
        {
            Billed.Written(new CdrItem(of, isCredit), new CdrFacts { LastUpdated = Billed.At, Placeholders = true }),
            Given.Operator.Cdr(of, isCredit, facts => facts with { Placeholders = true, TariffJson = Given.Utf8("""
                {"id":"a-very-long-identifier-of-a-tariff-that-goes-on","currency":"eur","elements":[
                {"price_components":[{"type":"energy","price":"0.4","vat":null}],"restrictions":{"start_time":"9:00","day_of_week":["monday"]}}]}
                """) }),
        })));
    }

    [Fact]
    public void The_validator_finds_what_is_wrong()
    {
        var cdr = Given.Operator.Cdr(Given.Bill()).GetRawText().Replace("\"auth_method\":\"WHITELIST\"", "\"auth_method\":\"GUESS\"", StringComparison.Ordinal);
        Assert.Equal(1, Validate($"[{cdr}]").ExitCode);
    }

    private static void AssertValid(IEnumerable<JsonElement> cdrs)
    {
        var (exitCode, output) = Validate($"[{string.Join(',', cdrs.Select(cdr => cdr.GetRawText()))}]");
        Assert.True(exitCode == 0, string.Join('\n', output.Split('\n').Where(line => !line.StartsWith("PASS", StringComparison.Ordinal)).Take(20)));
    }

    private static (int ExitCode, string Output) Validate(string cdrs)
    {
        var under = Path.Combine(Path.GetTempPath(), $"evbilling-validators-{Environment.UserName}");
        var home = Run(SharedFolder.PathOf("engines/unpack"), "ocpi", under).Output.Trim();
        var file = Path.Combine(Path.GetTempPath(), $"evbilling-cdrs-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, cdrs);
        try
        {
            return Run(Path.Combine(home, "validate-ocpi"), "--type", "cdr", "--strict", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
