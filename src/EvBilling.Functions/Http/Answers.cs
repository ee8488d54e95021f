using System.Text.Json;
using EvBilling.Functions.Scaling;
using Microsoft.AspNetCore.Http;

namespace EvBilling.Functions.Http;

/// <summary>Writes answers: JSON with snake_case members.</summary>
internal static class Answers
{
    /// <summary>What a custom handler answers the host for a trigger without outputs.</summary>
    public static Task Done(HttpResponse response) => Write(response, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject("Outputs");
        json.WriteEndObject();
        json.WriteStartArray("Logs");
        json.WriteEndArray();
        json.WriteNull("ReturnValue");
    });

    /// <summary>For the host's ping.</summary>
    public static Task Ready(HttpResponse response) => Write(response, StatusCodes.Status200OK, json => json.WriteString("status", "ready"));

    public static Task State(HttpResponse response, string set, ScaleState state, ReplicaBounds bounds) => Write(response, StatusCodes.Status200OK, json =>
    {
        json.WriteString("set", set);
        json.WriteNumber("desired", state.Desired);
        json.WriteNumber("current", state.Current);
        json.WriteNumber("min", bounds.Min);
        json.WriteNumber("max", bounds.Max);
    });

    public static Task Scaled(HttpResponse response, string set, ScaleResult result) => Write(response, StatusCodes.Status200OK, json =>
    {
        json.WriteString("set", set);
        json.WriteNumber("from", result.From);
        json.WriteNumber("to", result.To);
        json.WriteBoolean("changed", result.IsChanged);
        json.WriteBoolean("dry_run", result.IsDryRun);
    });

    public static Task Refused(HttpResponse response, RefusalException refused) => Write(response, RefusalStatus.Of(refused.Refusal), json =>
    {
        json.WriteString("error", refused.Refusal.ToString());
        json.WriteString("detail", refused.Message);
    });

    private static async Task Write(HttpResponse response, int status, Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = stream.Length;
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
