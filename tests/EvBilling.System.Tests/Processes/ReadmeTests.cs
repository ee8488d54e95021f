using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Processes;

/// <summary>What the README tells a stranger to type works as it stands, on real servers.</summary>
[Collection(nameof(Processes))]
public sealed class ReadmeTests(SharedKafka kafka, SharedPostgres postgres, ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_commands_on_Kafka_and_PostgreSQL_work_as_written()
    {
        var commands = Block("## Kafka in, PostgreSQL out", "```sh\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, commands.Length);
        var (broker, database) = (kafka.Broker.BootstrapServers, postgres.CreateDatabase());
        var topic = $"charging-events-{Guid.NewGuid():N}";
        foreach (var command in commands)
        {
            var line = command.Replace("./evbilling", "$evbilling", StringComparison.Ordinal).Replace("127.0.0.1:9092", broker, StringComparison.Ordinal)
                .Replace("/charging-events", "/" + topic, StringComparison.Ordinal).Replace("postgres://postgres@127.0.0.1:5432/postgres", database, StringComparison.Ordinal);
            var end = CliProcess.Bash($"cd '{_folder.Path}'; PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin | tail -n 1); {line}");
            output.WriteLine($"{command}\n{end}");
            Assert.True(end.ExitCode == 0, end.ToString());
        }
        var bills = CliProcess.Run("bills", "--store", database);
        Assert.True(bills.Lines.Length > 500, $"{bills.Lines.Length} bills");
    }

    [Fact]
    public void The_commands_on_files_and_on_a_CDR_work_as_written()
    {
        var commands = (Block("## Bill your own events", "```sh\n") + Block("## Price a partner's CDR", "```sh\n")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, commands.Length);
        foreach (var command in commands)
        {
            var end = CliProcess.Bash($"cd '{_folder.Path}'; {command.Replace("./evbilling", "$evbilling", StringComparison.Ordinal)}");
            Assert.True(end.ExitCode == 0, $"{command}\n{end}");
        }
    }

    private static string Block(string heading, string fence)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var from = text.IndexOf(fence, text.IndexOf(heading, StringComparison.Ordinal), StringComparison.Ordinal) + fence.Length;
        return text[from..text.IndexOf("```", from, StringComparison.Ordinal)];
    }
}
