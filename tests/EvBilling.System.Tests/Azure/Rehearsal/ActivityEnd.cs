using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>How an activity ended.</summary>
internal enum ActivityStatus
{
    Succeeded,
    Failed,
    Skipped,
}

/// <summary>An activity fails; the code is that of the error that Data Factory would show.</summary>
internal sealed class ActivityFailedException(string code, string message) : Exception(message)
{
    public string Code => code;
}

/// <summary>What came of an activity.</summary>
internal sealed record ActivityEnd(ActivityStatus Status, JsonNode? Output = null, string Code = "", string Message = "")
{
    /// <summary>As <c>activity('...')</c> shows it.</summary>
    public JsonObject Json => Status switch
    {
        ActivityStatus.Succeeded => new() { [nameof(Status)] = "Succeeded", ["output"] = Output?.DeepClone() },
        ActivityStatus.Failed => new() { [nameof(Status)] = "Failed", ["error"] = new JsonObject { ["errorCode"] = Code, ["message"] = Message } },
        _ => new() { [nameof(Status)] = "Skipped" },
    };
}

/// <summary>Carries out what goes out of the pipeline: calls, queries, jobs.</summary>
internal interface IActivityHost
{
    /// <exception cref="ActivityFailedException">It fails.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that the rehearsal does not know.</exception>
    JsonNode? Execute(string type, JsonObject activity, JsonObject typeProperties, CancellationToken timeout);

    /// <summary>Is told of each activity before it begins.</summary>
    void Beginning(string activity);
}
