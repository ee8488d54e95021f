using System.Text.Json;

namespace EvBilling.Functions.Scaling;

/// <summary>What the body of a POST asks for: <c>{"replicas": 5}</c>, and perhaps <c>dry_run</c> and <c>set</c>.</summary>
internal sealed record ScaleRequest(int Replicas, bool IsDryRun)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 4 };

    /// <summary>
    /// Reads it strictly: whoever misspells <c>dry_run</c> must not scale in earnest, so an unknown or repeated member is refused.
    /// </summary>
    /// <param name="set">The one set that there is; a request may name it, and no other.</param>
    /// <exception cref="RefusalException">It is not such a body.</exception>
    public static ScaleRequest Parse(ReadOnlyMemory<byte> body, ReplicaBounds bounds, string set)
    {
        if (body.IsEmpty)
        {
            throw new RefusalException(Refusal.EmptyBody, "There is no body; send {\"replicas\": n}.");
        }
        using var document = Document(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new RefusalException(Refusal.NotAnObject, "The body is not a JSON object; send {\"replicas\": n}.");
        }
        int? replicas = null;
        var isDryRun = false;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "replicas":
                    replicas = bounds.Check(Integer(member.Value));
                    break;
                case "dry_run":
                    isDryRun = Boolean(member.Value);
                    break;
                case "set":
                    CheckSet(member.Value, set);
                    break;
                default:
                    throw new RefusalException(Refusal.UnknownMember, "The body has a member that is none of replicas, dry_run and set; leave it out or mend its name.");
            }
        }
        return new(replicas ?? throw new RefusalException(Refusal.MissingReplicas, "The body has no replicas; send {\"replicas\": n}."), isDryRun);
    }

    private static JsonDocument Document(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            throw new RefusalException(Refusal.NotJson, "The body is not JSON, or has a member twice; send {\"replicas\": n}.");
        }
    }

    // Neither 2.0 nor 1e9 nor "2": a number of pods is written as one.
    private static long Integer(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : throw new RefusalException(Refusal.NotAnInteger, "replicas is not an integer; send digits, such as {\"replicas\": 5}.");

    private static bool Boolean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new RefusalException(Refusal.WrongDryRun, "dry_run is neither true nor false."),
    };

    private static void CheckSet(JsonElement value, string set)
    {
        if (value.ValueKind != JsonValueKind.String || !value.ValueEquals(set))
        {
            throw new RefusalException(Refusal.WrongSet, $"The only set that is scaled here is {set}.");
        }
    }
}
