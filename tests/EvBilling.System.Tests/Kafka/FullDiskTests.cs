using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>The database's disk is full while a worker commits.</summary>
[Collection(nameof(Processes))]
public sealed class FullDiskTests(SharedKafka kafka, ITestOutputHelper output)
{
    private const string Told = "has no room left on a disk";

    [Fact]
    public void A_full_disk_of_the_database_is_said_once_and_with_room_every_bill_is_right()
    {
        using var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder.File("disk"), 20_000);
        // It ends before its disk is taken away.
        using var server = PostgresServer.StartNew();
        PostgresPrograms.MakeFolder(Path.Combine(disk.Path, "bills"));
        PostgresPrograms.Run("chmod", "755", folder.Path);
        PostgresDatabases.Execute(server.Uri("postgres"), $"CREATE TABLESPACE small LOCATION '{disk.Path}/bills'");
        PostgresDatabases.Execute(server.Uri("postgres"), "CREATE DATABASE bills TABLESPACE small STRATEGY file_copy");
        using var pipeline = new Pipeline(kafka.Broker, server.Uri("bills"), 4);
        var fleet = SimulatedFleet.Create(3, 100);
        pipeline.Program.UseTariffs(fleet.Tariffs);
        var expected = pipeline.ExpectedBills(fleet.Lines);
        var worker = pipeline.Follow();
        pipeline.WaitUntil(() => pipeline.Owners() == 1, () => "the worker has no partitions");
        // What is there stays, and hardly more fits.
        var filler = Path.Combine(disk.Path, "filler");
        File.WriteAllBytes(filler, new byte[Math.Max(0, new DriveInfo(disk.Path).AvailableFreeSpace - (100 * 1024))]);
        pipeline.Scatter(fleet.Lines, new Random(1));
        Thread.Sleep(TimeSpan.FromSeconds(5));
        Assert.InRange(pipeline.Committed(), 0, fleet.Lines.Length - 1);
        Assert.False(worker.HasExited);
        var run = CliProcess.Start(pipeline.Arguments());
        File.Delete(filler);
        disk.Resize(100_000);
        pipeline.WaitUntilCommitted(fleet.Lines.Length);
        var told = pipeline.Terminate(worker).Errors;
        output.WriteLine(told);
        var end = run.End();
        run.Dispose();
        output.WriteLine(end.Errors);

        Assert.Single(told.Split('\n'), line => line.Contains("warn: evbilling[30]", StringComparison.Ordinal) && line.Contains(Told, StringComparison.Ordinal));
        Assert.True(end.ExitCode == 0, end.ToString());
        pipeline.Run();
        Assert.Equal(expected, pipeline.Bills());
        pipeline.AssertSound();
    }
}
