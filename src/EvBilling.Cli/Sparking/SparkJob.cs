using System.Diagnostics;
using System.Text;
using EvBilling.Cli.Running;
using EvBilling.Cli.Service;
using EvBilling.Engine;
using EvBilling.Kafka;
using EvBilling.Kafka.Reading;
using EvBilling.Spark;
using EvBilling.Storage.Postgres;

namespace EvBilling.Cli.Sparking;

/// <summary>Checks what can be wrong before anything is submitted, submits the job, and tells how far it is.</summary>
internal static class SparkJob
{
    private const string ProgressMark = "evbilling-progress ";
    private const string IdleMark = "evbilling-idle";
    private const string FailureMark = "evbilling-failure ";
    private const string EndMark = "evbilling-end ";
    private const string ReadMark = "evbilling-read ";
    private const string ReadRows = "spark.evbilling.readRows=";
    private const int LastLines = 400;
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(4);

    /// <param name="exitCode">Spark's.</param>
    public static RunSummary Run(SparkPlan plan, SparkHome spark, CancellationToken stop, out int exitCode)
    {
        var started = Stopwatch.GetTimestamp();
        Check(plan);
        // Nobody else can look into it: there may be secrets in the file.
        var folder = Directory.CreateTempSubdirectory("evbilling-spark-");
        try
        {
            var properties = Path.Combine(folder.FullName, "job.properties");
            File.WriteAllText(properties, Prepare(plan, out var input));
            using var service = ServiceRun.Start(plan.Service, () => StoreTarget.OpenToRead(plan.Store), TimeProvider.System, stop);
            var figures = new SparkFigures(service.Counters, TimeProvider.System);
            service.State.Running();
            exitCode = Submit(plan, spark, properties, figures, new SparkReading(input, TimeProvider.System), stop);
            using var store = StoreTarget.OpenToRead(plan.Store);
            return BillingJob.Summary(service.Counters, store.ReadCounts(), started, !stop.IsCancellationRequested);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Does all but submit: for whoever starts the job otherwise, as Databricks does.</summary>
    /// <param name="path">Gets the job's properties; there may be secrets in it. "-" = standard output.</param>
    public static void WriteProperties(SparkPlan plan, string path)
    {
        Check(plan);
        var properties = Prepare(plan, out _);
        if (path == "-")
        {
            Console.Out.Write(properties);
            return;
        }
        // Made for this user alone before anything stands in it.
        File.Delete(path);
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(properties), 0);
    }

    private static void Check(SparkPlan plan)
    {
        foreach (var stated in plan.SparkConf.Where(setting => setting.StartsWith(ReadRows, StringComparison.Ordinal)).Select(setting => setting[ReadRows.Length..]))
        {
            if (stated is not ("true" or "false"))
            {
                throw new UsageException($"--conf {ReadRows}{stated}: give true or false.");
            }
        }
        if (!PostgresTarget.IsPostgres(plan.Store))
        {
            throw new UsageException("--store must be a database server that all of Spark's processes reach: give postgres://USER@HOST:PORT/DATABASE.");
        }
        if (plan.JobStore is { } store)
        {
            _ = PostgresTarget.Parse(store, new Dictionary<string, string>());
        }
        Runner.CheckTimeZone(plan.Stored);
    }

    // What the worker does before it reads; the executors find tariffs, locations and options in the store.
    private static string Prepare(SparkPlan plan, out SparkInput input)
    {
        var tariffs = TariffFiles.ReadTariffs(plan.TariffsPath);
        var locations = TariffFiles.ReadLocations(plan.LocationsPath);
        using var store = StoreTarget.Open(plan.Store);
        store.BeginWriting();
        StoredReadings.Register(store, tariffs, locations, plan.Stored, CommandRunner.Say);
        var (closeAfter, keep) = (plan.Stored.CloseAfterSeconds, (long)plan.KeepSessions.TotalSeconds);
        if (plan.Topic is null)
        {
            input = SparkInput.Of(plan.Files);
            return plan.Properties(Encoding.UTF8.GetString(new KernelConfiguration(plan.JobStore ?? plan.Store, "", "", closeAfter, keep).ToJson()), null, []);
        }
        var facts = KafkaAdmin.Describe(plan.Topic, plan.Settings, KafkaAdmin.Patience, _ => { });
        input = new(facts.Partitions.Sum(partition => partition.EndOffset - partition.LowOffset), null);
        var identity = TopicIdentity.Of(plan.Topic, facts);
        var positions = store.ReadPositions();
        identity.Check(positions, newTopic: false);
        var own = positions.Where(position => position.Partition.Source == identity.Source && position.Partition.Incarnation == identity.Incarnation).ToList();
        if (plan.Reprocess)
        {
            store.Rewind(identity.Source);
        }
        else
        {
            SparkCheckpoint.Check(plan.Checkpoint!, plan.Topic.Topic, own);
        }
        var kernel = new KernelConfiguration(plan.JobStore ?? plan.Store, identity.Source, identity.Incarnation, closeAfter, keep);
        return plan.Properties(Encoding.UTF8.GetString(kernel.ToJson()), facts, own);
    }

    private static int Submit(SparkPlan plan, SparkHome spark, string properties, SparkFigures figures, SparkReading reading, CancellationToken stop)
    {
        string[] arguments =
        [
            "--master", plan.Master, "--class", "org.evbilling.spark.Job", .. SparkDefaults.Of(plan).Concat(plan.SparkConf).SelectMany(setting => new[] { "--conf", setting }),
            spark.Jar, properties,
        ];
        using var process = Process.Start(new ProcessStartInfo(spark.Submit, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new UsageException($"{spark.Submit} could not be started.");
        string? failure = null;
        var last = new Queue<string>();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(ProgressMark, StringComparison.Ordinal) == true)
            {
                figures.Take(line.Data[ProgressMark.Length..]);
                Console.Error.WriteLine(figures.Sentence);
            }
            else if (line.Data?.StartsWith(EndMark, StringComparison.Ordinal) == true)
            {
                figures.TakeEnd(line.Data[EndMark.Length..]);
            }
            else if (line.Data == IdleMark)
            {
                figures.TakeIdle();
            }
            else if (line.Data?.StartsWith(ReadMark, StringComparison.Ordinal) == true)
            {
                if (reading.Take(line.Data[ReadMark.Length..]) is { } sentence)
                {
                    Console.Error.WriteLine(sentence);
                }
            }
            else if (line.Data?.StartsWith(FailureMark, StringComparison.Ordinal) == true)
            {
                failure = line.Data[FailureMark.Length..];
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (last)
            {
                if (!string.IsNullOrWhiteSpace(line.Data))
                {
                    last.Enqueue(line.Data);
                }
                if (last.Count > LastLines)
                {
                    last.Dequeue();
                }
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using (stop.Register(() => Stop(process)))
        {
            process.WaitForExit();
        }
        if (stop.IsCancellationRequested)
        {
            return 0;
        }
        if (process.ExitCode != 0)
        {
            CommandRunner.Say(plan.Settings.Scrub($"Spark ended with exit code {process.ExitCode}: {failure ?? Telling(last)}"));
        }
        return process.ExitCode;
    }

    // The job ends with its input. What is committed is kept, and a batch that is broken off comes again.
    private static void Stop(Process process)
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(EndsWithin))
        {
            process.Kill(entireProcessTree: true);
        }
    }

    // The line that says most where the job itself could not: an exception, else the last.
    private static string Telling(Queue<string> lines)
    {
        lock (lines)
        {
            var all = lines.Select(line => line.Trim()).ToList();
            return all.FindLast(line => line.StartsWith("Caused by:", StringComparison.Ordinal)) ?? all.Find(line => line.Contains("Exception", StringComparison.Ordinal))
                ?? all.Find(line => line.Contains("Error", StringComparison.Ordinal)) ?? all.LastOrDefault() ?? "it said nothing.";
        }
    }
}
