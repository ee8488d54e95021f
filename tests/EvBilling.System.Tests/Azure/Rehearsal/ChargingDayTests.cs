using System.Collections.Concurrent;
using EvBilling.SystemTests.Kubernetes;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Spark;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>
/// The pipeline charging-day as Bicep compiles it, carried out against the Function's process, a real API server, a real Kafka, a real PostgreSQL, and the worker in the Spark job's place.
/// </summary>
[Collection(nameof(KubeCluster))]
public sealed class ChargingDayTests(KubeCluster cluster, SharedKafka kafka, SharedPostgres postgres)
{
    [Fact]
    public void A_day_scales_the_fleet_up_is_billed_by_the_job_balances_and_scales_the_fleet_down()
    {
        using var fleet = RehearsalFleet.WithEvents(cluster, kafka, postgres);
        var run = fleet.Run();
        Assert.True(run.End.Status == ActivityStatus.Succeeded, run.End.Message);
        Assert.Equal(2, fleet.ReplicasWhileUp);
        Assert.Equal(["42"], fleet.Azure.Started);
        Assert.Equal(fleet.ExpectedBills(), fleet.Billing.Bills());
        fleet.AssertNoPods();
        Assert.Empty(fleet.Monitor.Alerts);
        Assert.Empty(fleet.Services.Cancelled);
        var report = fleet.Report(run.Pipeline);
        Assert.Equal(("Succeeded", "down", "billed", ""), (Text("outcome"), Text("fleet"), Text("progress"), report.GetProperty("what_went_wrong")[0].GetString()));
        var checks = report.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("found").GetString()!);
        Assert.Equal(["bills", "dead letters", "events", "sessions", "sums EUR", "versions"], checks.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("3", checks["dead letters"]);
        Assert.Equal(
            [checks["sums EUR"]], fleet.Billing.Query($"SELECT total_excl_vat FROM evbilling.revenue_by_day WHERE day = '{RehearsalFleet.Day}' AND currency = 'EUR'"));

        string? Text(string name) => report.GetProperty(name).GetString();
    }

    [Fact]
    public void Without_a_job_the_workers_bill_and_the_day_waits_for_them()
    {
        using var fleet = RehearsalFleet.WithEvents(cluster, kafka, postgres);
        fleet.Azure.Before["Look at the progress"] = () =>
        {
            if (fleet.Billing.Workers.Count == 0)
            {
                fleet.Billing.Follow();
            }
        };
        var run = fleet.Run(null, ("databricksJobId", 0));
        Assert.True(run.End.Status == ActivityStatus.Succeeded, run.End.Message);
        Assert.Empty(fleet.Azure.Started);
        // It was not taken for billed before a worker had said so.
        Assert.True(run.Pipeline.Log.Count(entry => entry.Activity == "Look at the progress") > 1);
        Assert.Equal(fleet.ExpectedBills().Length, fleet.Billing.Bills().Length);
        fleet.Billing.Terminate(fleet.Billing.Workers[0]);
        fleet.AssertNoPods();
    }

    [Fact]
    public void A_Spark_job_that_fails_is_tried_again_and_then_the_day_fails_as_SparkFailed()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Job = (_, _) =>
        {
            var end = CliProcess.Run(["run", "--events", "-", "--tariffs", "/nowhere/tariffs.json", "--store", fleet.Billing.Store]);
            return (end.ExitCode, end.Errors);
        };
        var report = fleet.AssertFailed("SparkFailed", fleet.Run());
        Assert.Contains("/nowhere/tariffs.json", report.GetProperty("what_went_wrong")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(["42", "42"], fleet.Azure.Started);
        Assert.Equal([42], fleet.Services.Cancelled);
        Assert.Equal(2, fleet.ReplicasWhileUp);
    }

    [Fact]
    public void A_Spark_job_that_does_not_end_is_cancelled()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        var jobs = new ConcurrentQueue<CliProcess>();
        fleet.Azure.Job = (_, timeout) =>
        {
            // A timeout ends the activity, not the job.
            jobs.Enqueue(CliProcess.Start(fleet.Billing.Arguments("--follow")));
            timeout.WaitHandle.WaitOne();
            throw new OperationCanceledException(timeout);
        };
        fleet.Services.OnCancel = () =>
        {
            foreach (var job in jobs)
            {
                job.Signal(CliProcess.Kill);
            }
        };
        var definition = fleet.Definition;
        var branch = definition["properties"]!["activities"]!.AsArray().Single(activity => (string?)activity!["name"] == "Bill with Spark")!["typeProperties"]!["ifTrueActivities"]!;
        branch[0]!["policy"]!["timeout"] = "0.00:00:02";
        fleet.AssertFailed("SparkFailed", fleet.Run(definition));
        Assert.Equal(2, jobs.Count);
        Assert.All(jobs, job => Assert.True(job.WaitForEnd(TimeSpan.FromSeconds(10))));
        foreach (var job in jobs)
        {
            job.Dispose();
        }
    }

    [Fact]
    public void A_database_that_is_down_is_found_out_before_anything_costs_money()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Database.GoAway();
        var run = fleet.Run();
        fleet.AssertFailed("DatabaseUnreachable", run);
        Assert.Equal(ActivityStatus.Skipped, run.Pipeline.Log.Single(entry => entry.Activity == "Scale up").End.Status);
        Assert.Empty(fleet.Azure.Started);
    }

    [Fact]
    public void A_database_that_goes_down_after_the_job_ends_the_day_as_DatabaseUnreachable_and_one_that_comes_back_does_not()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Before["Else NotBilledInTime"] = fleet.Database.GoAway;
        fleet.Speed = 2400;
        fleet.AssertFailed("DatabaseUnreachable", fleet.Run());
        fleet.Monitor.Alerts.Clear();
        fleet.Speed = 100;
        fleet.Database.ComeBack();
        var isBack = false;
        fleet.Azure.Before["Give the billing time"] = () =>
        {
            if (!isBack)
            {
                isBack = true;
                fleet.Database.ComeBack();
            }
        };
        Assert.Equal(ActivityStatus.Succeeded, fleet.Run().End.Status);
    }

    [Fact]
    public void A_scale_up_that_times_out_fails_the_day_and_what_may_have_been_scaled_is_scaled_down()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Before["Scale up"] = fleet.ApiServer.FallSilent;
        fleet.Azure.Before["Scale down"] = () =>
        {
            // As if the patch had arrived after all.
            cluster.Kubectl("", "-n", fleet.Space, "scale", "statefulset/evbilling-simulator", "--replicas=2");
            fleet.ApiServer.GoAway();
            fleet.ApiServer.ComeBack();
        };
        var report = fleet.AssertFailed("ScaleUpFailed", fleet.Run());
        Assert.Contains("ServerTimeout", report.GetProperty("what_went_wrong")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_that_do_not_come_fail_the_day_as_FleetNotUp()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        cluster.Kubectl("", "-n", fleet.Space, "create", "quota", "none", "--hard=pods=0");
        fleet.Speed = 600;
        fleet.AssertFailed("FleetNotUp", fleet.Run());
        Assert.Empty(fleet.Azure.Started);
    }

    [Theory]
    [InlineData("DELETE FROM evbilling.dead_letters WHERE number = (SELECT min(number) FROM evbilling.dead_letters)", "dead letters 3 are expected and 2 found; 1 of 6 checks fail")]
    [InlineData("DELETE FROM evbilling.bill_versions WHERE version = 1 AND session_id = (SELECT min(session_id) FROM evbilling.bills); UPDATE evbilling.sessions SET first_written_at = NULL WHERE session_id = (SELECT min(session_id) FROM evbilling.sessions WHERE version > 0)", "2 of 6 checks fail")]
    [InlineData("WITH one AS (SELECT session_id, version FROM evbilling.cdrs WHERE ended_at::date = '2026-01-05' AND currency = 'EUR' LIMIT 1), first AS (UPDATE evbilling.sessions SET first_total_excl_vat = first_total_excl_vat + 0.01 WHERE session_id = (SELECT session_id FROM one WHERE version = 1)) UPDATE evbilling.bill_versions SET total_excl_vat = total_excl_vat + 0.01 WHERE (session_id, version) = (SELECT session_id, version FROM one)", "of sums EUR ")]
    public void Books_that_do_not_balance_fail_the_day_and_say_where(string taken, string says)
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Before["Reconcile"] = () => fleet.Billing.Execute(taken);
        var report = fleet.AssertFailed("NotReconciled", fleet.Run());
        Assert.Contains(says, report.GetProperty("what_went_wrong")[0].GetString(), StringComparison.Ordinal);
        Assert.Contains(report.GetProperty("checks").EnumerateArray(), check => !check.GetProperty("holds").GetBoolean());
    }

    [Fact]
    public void Books_that_cannot_be_asked_fail_the_day_as_ReconcileFailed()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Before["Reconcile"] = () => fleet.Billing.Execute("DROP VIEW evbilling.reconciliation");
        var report = fleet.AssertFailed("ReconcileFailed", fleet.Run());
        Assert.Equal(0, report.GetProperty("checks").GetArrayLength());
    }

    [Fact]
    public async Task A_day_that_is_started_twice_is_run_twice_one_after_the_other_and_bills_nothing_twice()
    {
        using var fleet = RehearsalFleet.WithEvents(cluster, kafka, postgres);
        var runs = await Task.WhenAll(Task.Run(() => fleet.Run(), TestContext.Current.CancellationToken), Task.Run(() => fleet.Run(), TestContext.Current.CancellationToken));
        Assert.All(runs, run => Assert.True(run.End.Status == ActivityStatus.Succeeded, run.End.Message));
        Assert.Equal(1, fleet.Monitor.RunningMax);
        Assert.Equal(2, fleet.Services.Blobs.Count);
        Assert.Equal(fleet.ExpectedBills(), fleet.Billing.Bills());
        Assert.Equal(fleet.Billing.Query("SELECT sum(next_offset) FROM evbilling.positions"), fleet.Billing.Query("SELECT sum(records) FROM evbilling.positions"));
        fleet.AssertNoPods();
    }

    [Fact]
    public void What_nobody_bills_ends_the_day_as_NotBilledInTime()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Speed = 2400;
        var report = fleet.AssertFailed("NotBilledInTime", fleet.Run(null, ("databricksJobId", 0)));
        Assert.Equal("waiting", report.GetProperty("progress").GetString());
        Assert.Empty(fleet.Services.Cancelled);
    }

    [Fact]
    public void A_fleet_that_cannot_be_scaled_down_is_told_by_name()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Azure.Before["Scale down"] = fleet.ApiServer.GoAway;
        var (end, pipeline) = fleet.Run();
        Assert.Equal((ActivityStatus.Failed, "ScaleDownFailed"), (end.Status, end.Code));
        Assert.Contains("The fleet is left up.", end.Message, StringComparison.Ordinal);
        Assert.Equal(["factory-charging-day-failed", "factory-fleet-left-up"], fleet.Monitor.Alerts.Select(alert => alert.Alert).Order(StringComparer.Ordinal));
        Assert.Equal("left up", fleet.Report(pipeline).GetProperty("fleet").GetString());
    }

    [Fact]
    public void A_day_without_a_report_is_no_success()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.Services.IsStorageDown = true;
        var (end, _) = fleet.Run();
        Assert.Equal((ActivityStatus.Failed, "ReportNotLeft"), (end.Status, end.Code));
        Assert.Equal(["factory-charging-day-failed"], fleet.Monitor.Alerts.Select(alert => alert.Alert));
        fleet.AssertNoPods();
    }

    [Fact]
    public void A_parameter_that_makes_no_sense_is_refused_by_name()
    {
        using var fleet = RehearsalFleet.WithBills(cluster, kafka, postgres);
        fleet.AssertFailed("WrongDay", fleet.Run(null, ("day", "2026-02-30")), "unknown");
        fleet.Monitor.Alerts.Clear();
        var report = fleet.AssertFailed("ScaleUpFailed", fleet.Run(null, ("replicas", 17)));
        Assert.Contains("OutOfBounds", report.GetProperty("what_went_wrong")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_Spark_job_itself_bills_a_day_also_when_its_driver_is_killed_the_first_time()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1", "The Spark job takes the worker's place by ./test --long alone.");
        using var fleet = RehearsalFleet.WithEvents(cluster, kafka, postgres);
        using var spark = new SparkPipeline(kafka.Broker, fleet.Billing.Store, 1);
        spark.Worker.Topic = fleet.Billing.Topic;
        spark.Worker.Program.UseTariffs(RehearsalFleet.Tariffs);
        fleet.Azure.Job = (_, _) =>
        {
            using var job = spark.Start("--available-now");
            while (fleet.Azure.Started.Count == 1 && !job.HasExited)
            {
                SparkPipeline.KillDriver(job);
                Thread.Sleep(100);
            }
            var end = job.End();
            return (end.ExitCode, end.Errors);
        };
        var run = fleet.Run();
        Assert.True(run.End.Status == ActivityStatus.Succeeded, run.End.Message);
        Assert.Equal(["42", "42"], fleet.Azure.Started);
        Assert.Equal(fleet.ExpectedBills(), fleet.Billing.Bills());
        Assert.Equal("billed", fleet.Report(run.Pipeline).GetProperty("progress").GetString());
        fleet.AssertNoPods();
    }
}
