using Confluent.Kafka;
using EvBilling.SystemTests.Processes;
using EvBilling.SystemTests.Servers;
using EvBilling.SystemTests.Support;

namespace EvBilling.SystemTests.Kafka;

/// <summary>Producers that write in transactions: what they took back is never billed, and what they have not committed yet keeps no run from its end.</summary>
[Collection(nameof(Processes))]
public sealed class TransactionalProducerTests(SharedKafka kafka, SharedPostgres postgres) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Pipeline _pipeline = new(kafka.Broker, postgres.CreateDatabase(), 2);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Only_committed_events_are_billed_and_a_run_ends_before_an_open_transaction()
    {
        using var producer = Producer("a");
        using var other = Producer("b");
        Write(producer, "committed", 0);
        producer.CommitTransaction(Patience);
        Write(producer, "aborted", 0);
        producer.AbortTransaction(Patience);
        Write(producer, "aborted2", 1);
        producer.AbortTransaction(Patience);
        Write(other, "open", 0);
        // Behind the open one, so that it cannot be read yet either.
        Write(producer, "later", 0);
        producer.CommitTransaction(Patience);
        var first = _pipeline.Start();
        Assert.True(first.WaitForEnd(TimeSpan.FromSeconds(30)), "a run does not end while a transaction is open");
        Assert.Equal(0, _pipeline.End(first).ExitCode);
        Assert.Equal(["committed"], Sessions());
        var follower = _pipeline.Follow();
        Thread.Sleep(2000);
        other.CommitTransaction(Patience);
        _pipeline.WaitUntil(() => Sessions().Count == 3, () => string.Join(' ', Sessions()));
        _pipeline.Terminate(follower);
        var last = _pipeline.Run();
        Assert.Contains("\"events\":0,", last.Output, StringComparison.Ordinal);
        Assert.Equal(["committed", "later", "open"], Sessions());
        Assert.Equal(["0", "0"], _pipeline.Query("SELECT lag FROM evbilling.progress"));
        _pipeline.AssertSound();
    }

    private List<string> Sessions() => _pipeline.Query("SELECT session_id FROM evbilling.cdrs ORDER BY 1");

    private IProducer<string, string> Producer(string id)
    {
        var configuration = new ProducerConfig { BootstrapServers = kafka.Broker.BootstrapServers, TransactionalId = $"{_pipeline.Topic}-{id}", TransactionTimeoutMs = 300_000 };
        var producer = new ProducerBuilder<string, string>(configuration).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        producer.InitTransactions(Patience);
        return producer;
    }

    private void Write(IProducer<string, string> producer, string session, int partition)
    {
        producer.BeginTransaction();
        foreach (var line in EventLines.Session(session))
        {
            producer.Produce(new TopicPartition(_pipeline.Topic, partition), new Message<string, string> { Key = "\u0000?", Value = line });
        }
        Assert.Equal(0, producer.Flush(Patience));
    }
}
