using System.Text.Json;
using System.Text.Json.Serialization;

namespace EvBilling.Spark;

/// <summary>What the kernel is told by whoever submits the job: one JSON object, without secrets.</summary>
/// <param name="Store">postgres://USER@HOST:PORT/DATABASE.</param>
/// <param name="Source">The source of the topic's records in positions and dead letters.</param>
/// <param name="Incarnation">What tells this topic from another of its name.</param>
/// <param name="CloseAfterSeconds">A session without an end is closed when its last event is older than the newest by this.</param>
/// <param name="KeepSessionsSeconds">A row is kept this long after it was last changed; 0 = for ever.</param>
/// <param name="RefreshSeconds">Tariffs, locations and options are read anew from the store this often.</param>
/// <param name="CacheBytesMax">Sessions kept in memory for each partition, in bytes.</param>
public sealed record KernelConfiguration(
    string Store, string Source, string Incarnation, long CloseAfterSeconds, long KeepSessionsSeconds, int RefreshSeconds = 60, long CacheBytesMax = 64 << 20)
{
    /// <exception cref="KernelException">It is not what it must be.</exception>
    public static KernelConfiguration Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, KernelJson.Default.KernelConfiguration) ?? throw new KernelException("The kernel's configuration is null.");
        }
        catch (JsonException e)
        {
            throw new KernelException($"The kernel's configuration cannot be read: {JsonProblem.Of(e)}");
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, KernelJson.Default.KernelConfiguration);
}

[JsonSerializable(typeof(KernelConfiguration))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class KernelJson : JsonSerializerContext;

/// <summary>What the job tells of itself.</summary>
public static class KernelFigures
{
    /// <summary>Begins the name of a number of dead letters; their reason follows.</summary>
    public const string DeadLetterPrefix = "dead_letters.";
}

/// <summary>The kernel cannot go on. The message says what, where and how to mend it.</summary>
public sealed class KernelException(string message) : Exception(message);
