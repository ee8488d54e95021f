using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EvBilling.SystemTests.Functions;
using EvBilling.SystemTests.Servers;
using Npgsql;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>Where a run's activities go on this machine: the Function's process, a process for the Spark job, PostgreSQL, and what stands for storage and Databricks' API.</summary>
internal sealed class LocalAzure(FactoryTemplate template, Uri function, LocalIssuer issuer, LocalServices services, string store) : IActivityHost, IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>A run of the Spark job, to its end: the exit code and the last words.</summary>
    public Func<string, CancellationToken, (int ExitCode, string Said)> Job { get; set; } = (job, _) => throw new InvalidOperationException($"This test has no job {job}.");

    /// <summary>What else happens just before an activity.</summary>
    public Dictionary<string, Action> Before { get; } = [];

    /// <summary>Jobs that were started.</summary>
    public List<string> Started { get; } = [];

    public void Beginning(string activity) => Before.GetValueOrDefault(activity)?.Invoke();

    public JsonNode? Execute(string type, JsonObject activity, JsonObject typeProperties, CancellationToken timeout)
    {
        try
        {
            return type switch
            {
                "AzureFunctionActivity" => CallFunction(activity, typeProperties, timeout),
                "WebActivity" => Call(typeProperties, timeout),
                "Lookup" => Lookup(typeProperties, timeout),
                "DatabricksJob" => RunJob(activity, typeProperties, timeout),
                _ => throw new NotSupportedException($"The rehearsal does not know activities of the type {type}."),
            };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new ActivityFailedException("Timeout", "The activity has timed out.");
        }
    }

    public void Dispose() => _client.Dispose();

    private JsonObject CallFunction(JsonObject activity, JsonObject properties, CancellationToken timeout)
    {
        var service = template.LinkedService(activity["linkedServiceName"]!["referenceName"]!.GetValue<string>());
        Assert.Equal(("AzureFunction", "MSI"), (service["type"]!.GetValue<string>(), service["typeProperties"]!["authentication"]!.GetValue<string>()));
        Assert.Equal($"https://{FactoryTemplate.Function}", service["typeProperties"]!["functionAppUrl"]!.GetValue<string>());
        var name = properties["functionName"]!.GetValue<string>();
        var (status, text) = Send(properties, new Uri(function, $"/api/{name}"), service["typeProperties"]!["resourceId"]!.GetValue<string>(), timeout);
        return status == 200 && JsonNode.Parse(text) is JsonObject answer
            ? answer
            : throw new ActivityFailedException("3608", $"Call to provided Azure function '{name}' failed with status-'{status}' and message - '{text}'.");
    }

    private JsonObject Call(JsonObject properties, CancellationToken timeout)
    {
        var url = properties["url"]!.GetValue<string>()
            .Replace("https://reports.blob.test", services.Address, StringComparison.Ordinal).Replace($"https://{FactoryTemplate.Workspace}", services.Address, StringComparison.Ordinal);
        Assert.Equal("MSI", properties["authentication"]!["type"]!.GetValue<string>());
        var (status, text) = Send(properties, new Uri(url), properties["authentication"]!["resource"]!.GetValue<string>(), timeout);
        return status is >= 200 and < 300 ? [] : throw new ActivityFailedException("2108", $"Error calling the endpoint. Response status code: {status}. {text}");
    }

    private (int Status, string Text) Send(JsonObject properties, Uri address, string audience, CancellationToken timeout)
    {
        using var request = new HttpRequestMessage(new HttpMethod(properties["method"]!.GetValue<string>()), address);
        var token = issuer.Token(claims =>
        {
            claims["aud"] = audience;
            claims["oid"] = "an-object-that-may";
            claims.Remove("roles");
        });
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (properties["body"] is { } body)
        {
            request.Content = new StringContent(FactoryFunctions.Text(body), Encoding.UTF8);
            request.Content.Headers.Remove("Content-Type");
        }
        foreach (var (name, value) in properties["headers"]?.AsObject() ?? [])
        {
            if (!request.Headers.TryAddWithoutValidation(name, value!.GetValue<string>()))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value.GetValue<string>());
            }
        }
        try
        {
            using var response = _client.Send(request, timeout);
            using var reader = new StreamReader(response.Content.ReadAsStream(timeout));
            return ((int)response.StatusCode, reader.ReadToEnd());
        }
        catch (HttpRequestException e)
        {
            return (0, e.Message);
        }
    }

    private JsonObject Lookup(JsonObject properties, CancellationToken timeout)
    {
        var dataset = template.Named("Microsoft.DataFactory/factories/datasets", properties["dataset"]!["referenceName"]!.GetValue<string>())["properties"]!;
        var service = template.LinkedService(dataset["linkedServiceName"]!["referenceName"]!.GetValue<string>());
        Assert.Equal(
            ("AzurePostgreSqlSource", "AzurePostgreSqlTable", "AzurePostgreSql"),
            (properties["source"]!["type"]!.GetValue<string>(), dataset["type"]!.GetValue<string>(), service["type"]!.GetValue<string>()));
        try
        {
            using var connection = PostgresDatabases.Connect(store, RehearsalFleet.ReaderPassword);
            using var command = new NpgsqlCommand(properties["source"]!["query"]!.GetValue<string>(), connection);
            using var reader = command.ExecuteReader();
            var rows = new JsonArray();
            while (reader.Read())
            {
                timeout.ThrowIfCancellationRequested();
                rows.Add(new JsonObject(Enumerable.Range(0, reader.FieldCount).Select(column => KeyValuePair.Create(reader.GetName(column), Value(reader, column)))));
            }
            return properties["firstRowOnly"]!.GetValue<bool>()
                ? rows.Count > 0 ? new() { ["firstRow"] = rows[0]!.DeepClone() } : []
                : new() { ["count"] = rows.Count, ["value"] = rows };
        }
        catch (NpgsqlException e)
        {
            throw new ActivityFailedException("2100", $"ErrorCode=UserErrorFailedToConnect: {e.Message}");
        }
    }

    private static JsonNode? Value(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetValue(column) switch
    {
        string text => text,
        bool truth => truth,
        long number => number,
        int number => number,
        var other => throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"The rehearsal does not know what Data Factory makes of {row.GetDataTypeName(column)} ({other}): let the query give a text.")),
    };

    private JsonObject RunJob(JsonObject activity, JsonObject properties, CancellationToken timeout)
    {
        var service = template.LinkedService(activity["linkedServiceName"]!["referenceName"]!.GetValue<string>());
        Assert.Equal(("AzureDatabricks", "MSI"), (service["type"]!.GetValue<string>(), service["typeProperties"]!["authentication"]!.GetValue<string>()));
        var job = properties["jobId"]!.GetValue<string>();
        Started.Add(job);
        var (exitCode, said) = Job(job, timeout);
        return exitCode == 0
            ? new() { ["runPageUrl"] = $"https://{FactoryTemplate.Workspace}/#job/{job}/run/{Started.Count}" }
            : throw new ActivityFailedException("3204", $"Databricks execution failed with error state: InternalError, error message: {said}");
    }
}
