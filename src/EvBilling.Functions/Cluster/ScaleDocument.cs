using System.Text.Json;
using EvBilling.Functions.Scaling;

namespace EvBilling.Functions.Cluster;

/// <summary>The JSON of a Scale, and of the patch that changes one.</summary>
internal static class ScaleDocument
{
    public const string PatchType = "application/merge-patch+json";

    /// <exception cref="RefusalException">It is no Scale.</exception>
    public static ScaleState Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var scale = document.RootElement;
            return new(Replicas(scale, "spec"), Replicas(scale, "status"), scale.GetProperty("metadata").GetProperty("resourceVersion").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new RefusalException(Refusal.ServerRefuses, "The cluster's answer is no Scale; check that the address is the API server's.", e.Message);
        }
    }

    /// <summary>A merge patch that the server refuses (409) unless the set is at that version.</summary>
    public static byte[] Patch(string resourceVersion, int replicas)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("resourceVersion", resourceVersion);
            json.WriteEndObject();
            json.WriteStartObject("spec");
            json.WriteNumber("replicas", replicas);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>What a Status of the server says, for the log.</summary>
    public static string MessageOf(ReadOnlyMemory<byte> json)
    {
        const int lengthMax = 300;
        try
        {
            using var document = JsonDocument.Parse(json);
            var message = document.RootElement.GetProperty("message").GetString() ?? "";
            return message.Length <= lengthMax ? message : message[..lengthMax];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "";
        }
    }

    // Where it is 0, the server leaves it out.
    private static int Replicas(JsonElement scale, string part) =>
        scale.GetProperty(part).TryGetProperty("replicas", out var replicas) ? replicas.GetInt32() : 0;
}
