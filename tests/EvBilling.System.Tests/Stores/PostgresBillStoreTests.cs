using EvBilling.Engine;
using EvBilling.Storage.Postgres;
using EvBilling.SystemTests.Servers;

namespace EvBilling.SystemTests.Stores;

/// <summary>The contract on PostgreSQL.</summary>
public sealed class PostgresBillStoreTests(SharedPostgres postgres) : BillStoreContract
{
    private string? _uri;

    protected override IBillStore OpenStore(TimeProvider time) =>
        PostgresBillStore.Open(PostgresTarget.Parse(_uri ??= postgres.CreateDatabase(), new Dictionary<string, string>()), time);
}
