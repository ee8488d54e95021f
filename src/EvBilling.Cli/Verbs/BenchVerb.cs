using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using EvBilling.Cli.Benchmarking;
using EvBilling.Cli.Pricing;

namespace EvBilling.Cli.Verbs;

/// <summary><c>bench</c>: how long rating takes.</summary>
internal static class BenchVerb
{
    public static Command Create(CancellationToken stop)
    {
        var files = new Argument<string[]>("FILE") { Description = "A case each, {timezone, ocpi_version, tariff, cdr}.", Arity = ArgumentArity.OneOrMore };
        var command = new Verb(
            "bench",
            "Nanoseconds an operation of one thread's processor time, a JSON line a file: from parsed objects to a new result with lines (price), likewise into a used one (price_reused), "
            + "from JSON text (parse_price), and a tariff made ready (compile). Some ten seconds a file.",
            "evbilling bench speed-a.json speed-b.json speed-c.json")
        {
            files,
        };
        command.SetAction(parsed =>
        {
            // All are read before any is timed.
            var cases = parsed.GetValue(files)!.Select(file => (File: file, Case: Read(file))).ToList();
            try
            {
                foreach (var (file, one) in cases)
                {
                    Console.Out.WriteLine(Measured(file, one, stop));
                }
                return 0;
            }
            catch (OperationCanceledException)
            {
                CommandRunner.Say("stopped.");
                return 1;
            }
        });
        return command;
    }

    private static SpeedCase Read(string path)
    {
        using var file = InputFile.Open(path, "bench");
        try
        {
            using var document = JsonDocument.Parse(file, PriceCase.Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new SpeedCase(document.RootElement)
                : throw new UsageException($"{path} is no JSON object; state {{timezone, ocpi_version, tariff, cdr}}.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is no JSON that can be read: {JsonProblem.Of(e)} Please mend it.");
        }
        catch (PricingException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    private static string Measured(string path, SpeedCase one, CancellationToken stop)
    {
        var price = BatchTimes.Of(one.Price, stop);
        var reused = BatchTimes.Of(one.PriceReused, stop);
        var parsePrice = BatchTimes.Of(one.ParsePrice, stop);
        var compile = BatchTimes.Of(one.Compile, stop);
        return JsonObjectText.Of(writer =>
        {
            writer.WriteString("file"u8, path);
            writer.WriteString("engine"u8, $"evbilling {typeof(BenchVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}");
            writer.WriteNumber("price_ns_median"u8, price.Median);
            writer.WriteString("clock"u8, ThreadClock.Name);
            writer.WriteNumber("price_min"u8, price.Min);
            writer.WriteNumber("price_max"u8, price.Max);
            writer.WriteNumber("price_reused_ns_median"u8, reused.Median);
            writer.WriteNumber("parse_price_ns_median"u8, parsePrice.Median);
            writer.WriteNumber("pp_min"u8, parsePrice.Min);
            writer.WriteNumber("pp_max"u8, parsePrice.Max);
            writer.WriteNumber("compile_ns_median"u8, compile.Median);
            writer.WriteStartObject("total"u8);
            writer.WriteString("excl"u8, one.Total.ExclVat.ToString());
            writer.WriteString("incl"u8, one.Total.InclVat?.ToString());
            writer.WriteEndObject();
        });
    }
}
