using System.IO.Compression;
using System.Text.Json;
using Confluent.Kafka;
using EvBilling.SystemTests.Kafka;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Spark;

/// <summary>The real Spark on a real broker and a real PostgreSQL: the bills are the worker's, whatever is killed or lost.</summary>
[Collection(nameof(Processes))]
public sealed class SparkTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output)
{
    private const int Partitions = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1";

    private static readonly string?[] Poison = [null, "", "null", "{", "[]", "{\"session_id\":1}", new string('x', 70_000), new string('y', 900_000), "{\"event_type\":\"other\"}"];

    [Fact]
    public void Kills_of_the_driver_and_a_lost_checkpoint_change_no_bill_and_bad_records_are_dead_letters()
    {
        using var spark = new SparkPipeline(kafka.Broker, postgres.CreateDatabase(), Partitions);
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var fleet = SimulatedFleet.Create(seed % 1000, stations: IsLong ? 200 : 40);
        spark.Worker.Program.UseTariffs(fleet.Tariffs);
        var expected = spark.Worker.ExpectedBills(fleet.Lines);
        var (kills, steps) = (0, IsLong ? 10 : 1);
        for (var step = 0; step <= steps; step++)
        {
            Produce(spark, fleet.Lines, step, steps + 1);
            if (step == steps)
            {
                break;
            }
            using var job = spark.Start("--trigger", "1s", "--max-offsets-per-trigger", "1500");
            var before = Math.Max(0, spark.Worker.Committed());
            WaitUntil(() => spark.Worker.Committed() > before, job);
            Thread.Sleep(random.Next(0, 2_000));
            SparkPipeline.KillDriver(job);
            var killed = job.End();
            Assert.Equal(137, killed.ExitCode);
            Assert.Contains("Spark ended with exit code 137", killed.Errors, StringComparison.Ordinal);
            kills++;
        }
        output.WriteLine($"{kills} kills, {fleet.Lines.Length} events");

        // With the checkpoint of those that were killed to the end, then with none.
        var first = Summary(spark.Run());
        Assert.Equal(expected, spark.Worker.Bills());
        spark.NewCheckpoint("another");
        var again = Summary(spark.Run());
        Assert.Equal(expected, spark.Worker.Bills());
        Assert.Equal(0, again.GetProperty("new_events").GetInt64());
        Assert.Equal(first.GetProperty("bills").GetInt64(), again.GetProperty("bills").GetInt64());
        spark.Worker.AssertSound();

        // The worker on the same database has nothing left to do; on another it refuses the same records.
        Assert.Contains("\"events\":0", spark.Worker.Run().Output, StringComparison.Ordinal);
        using var other = new Pipeline(kafka.Broker, postgres.CreateDatabase(), 1) { Topic = spark.Worker.Topic };
        other.Program.UseTariffs(fleet.Tariffs);
        other.Run();
        const string Letters = "SELECT partition, position, reason, detail FROM evbilling.dead_letters ORDER BY 1, 2";
        Assert.Equal(other.Query(Letters), spark.Worker.Query(Letters));
        Assert.Equal(Poison.Length, spark.Worker.Query(Letters).Count);
    }

    [Fact]
    public void A_job_ends_with_the_program_that_has_started_it_and_a_worker_goes_on_where_it_was()
    {
        using var spark = new SparkPipeline(kafka.Broker, postgres.CreateDatabase(), Partitions);
        var fleet = SimulatedFleet.Create(3, stations: 10);
        spark.Worker.Program.UseTariffs(fleet.Tariffs);
        Produce(spark, fleet.Lines, 0, 2);
        var address = $"127.0.0.1:{FreePorts.Next()}";
        // As where Spark is another build, whose records come as rows.
        using (var job = spark.Start("--trigger", "1s", "--http", address, "--conf", "spark.evbilling.readRows=true"))
        {
            var written = fleet.Lines.Length / 2;
            WaitUntil(() => spark.Worker.Committed() >= written, job);
            WaitUntil(() => SparkPipeline.Get(address, "/metrics").Contains("evbilling_events_total " + (written + Poison.Length), StringComparison.Ordinal), job);
            Assert.Contains("evbilling_dead_letters_total{reason=\"TooLarge\"} 2", SparkPipeline.Get(address, "/metrics"), StringComparison.Ordinal);
            Assert.Contains("evbilling_partition_lag_records{partition=\"0\"} 0", SparkPipeline.Get(address, "/metrics"), StringComparison.Ordinal);
            Assert.Equal("ok", SparkPipeline.Get(address, "/health"));
            var driver = SparkPipeline.ChildrenOf(job.Id).ToList();
            Assert.NotEmpty(driver);
            job.Signal(CliProcess.Kill);
            Assert.Contains(" behind at most, as Spark's rows; in all ", job.End().Errors, StringComparison.Ordinal);
            WaitUntil(() => driver.All(process => SparkPipeline.Kill(process, 0) != 0), null);
        }
        Produce(spark, fleet.Lines, 1, 2);
        spark.Worker.Run();
        Assert.Equal(spark.Worker.ExpectedBills(fleet.Lines), spark.Worker.Bills());
        // One that has something to do, and is in the midst of it or behind it.
        spark.Broker.Produce(spark.Worker.Topic, 0, "{");
        using (var job = spark.Start("--trigger", "1s"))
        {
            var before = spark.Worker.Committed();
            WaitUntil(() => spark.Worker.Committed() > before, job);
            job.Signal(CliProcess.Interrupt);
            Assert.Equal(0, job.End().ExitCode);
        }
    }

    [Fact]
    public void The_batch_form_bills_files_as_the_worker_does_and_again_changes_nothing()
    {
        using var spark = new SparkPipeline(kafka.Broker, postgres.CreateDatabase(), 1);
        var fleet = SimulatedFleet.Create(5);
        spark.Worker.Program.UseTariffs(fleet.Tariffs);
        // One never ends: it is closed behind the last record.
        string[] lines = [.. EventLines.Session("left-open", -3 * 24 * 60)[..2], .. fleet.Lines];
        var half = lines.Length / 2;
        var plain = spark.Worker.Program.Write("first.jsonl", string.Join('\n', lines[..half]) + "\n");
        var packed = spark.Worker.Program.Path("second.jsonl.gz");
        using (var gzip = new StreamWriter(new GZipStream(File.Create(packed), CompressionLevel.Fastest)))
        {
            gzip.Write(string.Join('\n', [.. lines[half..], "{"]));
        }
        for (var round = 0; round < 2; round++)
        {
            using var job = spark.StartReprocess(plain, packed);
            var end = job.End();
            Assert.True(end.ExitCode == 0, end.ToString());
            Assert.Matches(@"spark: [\d,]+ records read \(\d+ %\), [\d,]+/s\n", end.Errors);
            Assert.Equal(
                round == 0 ? spark.Worker.Query("SELECT count(*) FROM evbilling.bills").Single() : "0", Summary(end).GetProperty("versions_written").GetRawText());
            Assert.Contains("left-open", spark.Worker.Query("SELECT session_id FROM evbilling.sessions WHERE state = 2"));
            Assert.Equal(spark.Worker.ExpectedBills(lines), spark.Worker.Bills());
            Assert.Equal(["1"], spark.Worker.Query("SELECT count(*) FROM evbilling.dead_letters"));
        }
        spark.Worker.AssertSound();
    }

    [Fact]
    public void In_a_cluster_a_killed_executor_changes_no_bill_and_one_application_may_follow_another()
    {
        Assert.SkipUnless(IsLong, "A cluster of four JVMs is started by ./test --long alone.");
        using var spark = new SparkPipeline(kafka.Broker, postgres.CreateDatabase(), Partitions);
        using var cluster = new SparkCluster();
        spark.Master = cluster.Master;
        var fleet = SimulatedFleet.Create(9, stations: 200);
        spark.Worker.Program.UseTariffs(fleet.Tariffs);
        Produce(spark, fleet.Lines, 0, 2);
        string[] small = ["--conf", "spark.executor.memory=600m", "--conf", "spark.driver.memory=600m"];
        using (var job = spark.Start(["--available-now", "--max-offsets-per-trigger", "2000", .. small]))
        {
            WaitUntil(() => spark.Worker.Committed() > 0 && cluster.Executors().Count > 0, job);
            Assert.Equal(0, SparkPipeline.Kill(cluster.Executors()[0], CliProcess.Kill));
            var end = job.End();
            Assert.True(end.ExitCode == 0, end.ToString());
        }
        Produce(spark, fleet.Lines, 1, 2);
        spark.Run(small);
        Assert.Equal(spark.Worker.ExpectedBills(fleet.Lines), spark.Worker.Bills());
        spark.Worker.AssertSound();
    }

    [Fact]
    public void Records_that_were_deleted_before_they_were_read_end_the_job_with_a_word_and_are_passed_over_once_that_is_accepted()
    {
        using var spark = new SparkPipeline(kafka.Broker, postgres.CreateDatabase(), 1);
        spark.Broker.Produce(spark.Worker.Topic, 0, [.. EventLines.Session("S1")]);
        Assert.Matches(@"batch 0: 3 events, [\d,]+/s, 0 behind at most; in all", spark.Run().Errors);
        spark.Broker.Produce(spark.Worker.Topic, 0, [.. EventLines.Session("S2"), .. EventLines.Session("S3")]);
        spark.Broker.DeleteBefore(spark.Worker.Topic, 0, 6);
        using (var job = spark.Start("--available-now"))
        {
            var end = job.End();
            Assert.Equal(1, end.ExitCode);
            Assert.Contains($"Partition 0 of the topic {spark.Worker.Topic}: the records 3 to 5 were deleted before they were read", end.Errors, StringComparison.Ordinal);
        }
        spark.Worker.Run("--accept-gap");
        spark.Broker.Produce(spark.Worker.Topic, 0, [.. EventLines.Session("S4")]);
        spark.Run();
        Assert.Equal(["S1", "S3", "S4"], spark.Worker.Query("SELECT session_id FROM evbilling.cdrs ORDER BY 1"));
        spark.Worker.AssertSound();
    }

    private static JsonElement Summary(CliEnd end) => JsonDocument.Parse(end.Lines[^1]).RootElement;

    // A part of the lines, each session's in a partition of its own, and the poison among the first of them.
    private static void Produce(SparkPipeline spark, string[] lines, int step, int steps)
    {
        var part = lines[(lines.Length * step / steps)..(lines.Length * (step + 1) / steps)].Select(line => new KafkaDraft(line, SessionOf(line))).ToList();
        if (step == 0)
        {
            part.InsertRange(part.Count / 2, Poison.Select((value, i) => new KafkaDraft(value, i % 2 == 0 ? null : "key", i % Partitions)));
        }
        spark.Broker.Produce(spark.Worker.Topic, part);
        GiveUp(spark);
    }

    // Events of a transaction that was taken back are at the end of each partition, so that a batch ends with offsets that have no record.
    private static void GiveUp(SparkPipeline spark)
    {
        var configuration = new ProducerConfig { BootstrapServers = spark.Broker.BootstrapServers, TransactionalId = spark.Worker.Topic };
        using var producer = new ProducerBuilder<Null, string>(configuration).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        producer.InitTransactions(Patience);
        producer.BeginTransaction();
        for (var partition = 0; partition < Partitions; partition++)
        {
            producer.Produce(new TopicPartition(spark.Worker.Topic, partition), new Message<Null, string> { Value = EventLines.Session("given-up")[0] });
        }
        Assert.Equal(0, producer.Flush(Patience));
        producer.AbortTransaction(Patience);
    }

    private static string SessionOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("session_id").GetString()!;
    }

    private static void WaitUntil(Func<bool> condition, CliProcess? job)
    {
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(90);
        while (!condition())
        {
            Assert.True(job?.HasExited != true, job?.HasExited == true ? job.End().ToString() : "");
            Assert.True(DateTime.UtcNow < until, "it takes too long");
            Thread.Sleep(100);
        }
    }
}
