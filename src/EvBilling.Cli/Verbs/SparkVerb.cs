using System.CommandLine;
using EvBilling.Cli.Running;
using EvBilling.Cli.Service;
using EvBilling.Cli.Sparking;
using EvBilling.Engine;

namespace EvBilling.Cli.Verbs;

/// <summary><c>spark</c>: the same as <c>run</c>, in Spark.</summary>
internal static class SparkVerb
{
    public static Command Create(CancellationToken stop)
    {
        var master = new Option<string>("--master") { Description = "Spark's master, such as local[2], spark://HOST:7077 or k8s://...", HelpName = "MASTER", Required = true };
        var events = BillingInput.Events("spark", "A topic: kafka://HOST:PORT/TOPIC; with --reprocess also files: JSON Lines (also .gz), or .parquet.");
        var input = new BillingInput();
        var store = new Option<string>("--store") { Description = "Where bills are kept: postgres://USER@HOST:PORT/DATABASE.", HelpName = "STORE", Required = true };
        var checkpoint = new Option<string?>("--checkpoint") { Description = "The folder where Spark notes how far it has read; one that all its processes reach. Not with --reprocess.", HelpName = "DIR" };
        var reprocess = new Option<bool>("--reprocess") { Description = "Read the topic or files from their start, once, and end; what was billed before changes nothing." };
        var availableNow = new Option<bool>("--available-now") { Description = "Bill what the topic has now, and end." };
        var trigger = new DurationOption("--trigger", "Begin a batch this often.", "5s");
        var maxOffsets = new Option<long?>("--max-offsets-per-trigger") { Description = "Read no more than so many records a batch.", HelpName = "N" };
        var propertiesTo = new Option<string?>("--properties-to")
        {
            Description = "Only write the job's properties, for whoever starts org.evbilling.spark.Job with that file as its argument, as Databricks does; - = to standard output. There may be secrets in it.",
            HelpName = "FILE",
        };
        var secretReferences = new Option<bool>("--secret-references") { Description = "With --properties-to: no secret, but the environment variable that has it where the job runs, as Databricks fills it from a secret scope." };
        var jobStore = new Option<string?>("--job-store") { Description = "With --properties-to: the store as the job names it, where it has another user, say.", HelpName = "STORE" };
        var jar = new Option<string?>("--jar") { Description = "The job's jar, as deploy/spark/build makes it; EVBILLING_SPARK_JAR names it too.", HelpName = "FILE" };
        var conf = new Option<string[]>("--conf") { Description = "A setting of Spark's, such as spark.executor.memory=4g; may be repeated.", HelpName = "NAME=VALUE" };
        var http = new HttpOption();
        var kafka = new KafkaOptions();
        var json = new Option<bool>("--json") { Description = "Print a JSON object of what was done as the last line." };
        var command = new Verb(
            "spark",
            "The same as run, in Spark Structured Streaming (SPARK_HOME): the same bills, in the same tables.",
            "evbilling spark --master 'local[2]' --events kafka://127.0.0.1:9092/charging-events --tariffs tariffs.json --store postgres://evbilling@127.0.0.1/bills "
            + "--checkpoint checkpoint --available-now\n"
            + "evbilling spark --master spark://spark:7077 --events /lake/2026-01/*.parquet --reprocess --tariffs tariffs.json --store postgres://evbilling@127.0.0.1/bills")
        {
            master, events, input.Tariffs, input.Locations, store, checkpoint, reprocess, availableNow, trigger, maxOffsets, input.DefaultTariff, input.TimeZone, input.Reading, input.CloseAfter,
            input.MaxSession, input.KeepSessions, jar, propertiesTo, secretReferences, jobStore, conf, http, json,
        };
        kafka.AddTo(command);
        command.SetAction(parsed =>
        {
            var sources = parsed.GetValue(events)!;
            var isReprocessed = parsed.GetValue(reprocess);
            var files = SparkFiles.Of(sources, isReprocessed);
            if (isReprocessed == parsed.GetValue(checkpoint) is not null)
            {
                throw new UsageException(isReprocessed
                    ? "--reprocess reads all once and needs no --checkpoint; leave one of them out."
                    : "--checkpoint is missing; give a folder where Spark notes how far it has read, or --reprocess.");
            }
            var plan = new SparkPlan(
                parsed.GetValue(master)!, files.Count > 0 ? null : KafkaOptions.Target("--events", sources[0]), kafka.In(parsed), parsed.GetValue(input.Tariffs)!, parsed.GetValue(input.Locations), parsed.GetValue(store)!,
                input.Stored(parsed), input.KeepSessions.In(parsed), parsed.GetValue(checkpoint))
            {
                Files = files,
                Service = ServiceOptions.Ending(http.In(parsed)),
                Reprocess = isReprocessed,
                AvailableNow = parsed.GetValue(availableNow),
                Trigger = trigger.In(parsed),
                MaxOffsetsPerTrigger = parsed.GetValue(maxOffsets) is not { } most ? null
                    : most > 0 ? most : throw new UsageException($"--max-offsets-per-trigger {most} is no number of records; give one over 0."),
                SparkConf = parsed.GetValue(conf) ?? [],
                SecretReferences = parsed.GetValue(secretReferences),
                JobStore = parsed.GetValue(jobStore),
            };
            var file = parsed.GetValue(propertiesTo);
            if (file is null && (plan.SecretReferences || plan.JobStore is not null))
            {
                throw new UsageException($"{(plan.SecretReferences ? "--secret-references" : "--job-store")} is for properties that another starts the job with; give --properties-to FILE too, or leave it out.");
            }
            if (file is not null)
            {
                SparkJob.WriteProperties(plan with { EndsWithInput = false }, file);
                return 0;
            }
            var spark = SparkHome.Find(parsed.GetValue(jar), ProcessEnvironment.Read());
            var summary = SparkJob.Run(plan, spark, stop, out var exitCode);
            if (exitCode == 0)
            {
                RunVerb.Say(summary);
            }
            if (parsed.GetValue(json) && exitCode == 0)
            {
                Console.Out.WriteLine(RunVerb.Json(summary));
            }
            return exitCode;
        });
        return command;
    }
}
