using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using EvBilling.Engine;
using EvBilling.Entra;
using EvBilling.Storage.Postgres;

namespace EvBilling.Spark;

/// <summary>
/// The calls from Java, each an array of bytes in and out: a byte 0 and the answer, or a byte 1 and a sentence in UTF-8. Nothing is thrown into the JVM.
/// </summary>
internal static class JavaCalls
{
    // By configuration: a JVM may run one application after another.
    private static readonly ConcurrentDictionary<string, Kernel> Kernels = new(StringComparer.Ordinal);
    private static readonly Lock Opening = new();

    /// <summary>The names of what <see cref="Commit"/> gives.</summary>
    public static byte[] Figures() => [0, .. Encoding.UTF8.GetBytes(string.Join(',', TaskFigures.Names))];

    public static byte[] Begin(byte[] configuration, byte[] part) => Answer(() =>
    {
        var begin = KernelOf(configuration).Begin(Encoding.UTF8.GetString(part));
        return [begin.Attempt, begin.NextOffset];
    });

    // Records lie where no closure may hold them.
    public static byte[] Take(byte[] configuration, byte[] part, long attempt, ReadOnlySpan<byte> records)
    {
        try
        {
            KernelOf(configuration).Take(Encoding.UTF8.GetString(part), attempt, records);
            return [0];
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    public static byte[] Commit(byte[] configuration, byte[] part, long attempt) => Answer(() => KernelOf(configuration).Commit(Encoding.UTF8.GetString(part), attempt).Numbers);

    public static byte[] Review(byte[] configuration, int kind) => Answer(() => [KernelOf(configuration).Review((ReviewKind)kind)]);

    /// <param name="parts">Separated by a byte 0: Kafka's class for tokens by a client's id and secret, as it is called here; the variables that have secrets, separated by commas; then names and values.</param>
    /// <returns>Names and values.</returns>
    public static byte[] Source(byte[] parts) => Answered(() =>
    {
        var texts = Encoding.UTF8.GetString(parts).Split('\0');
        var options = texts.Skip(2).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        SourceOptions.Complete(options, texts[1].Split(',', StringSplitOptions.RemoveEmptyEntries), texts[0], ProcessEnvironment.Read());
        return Encoding.UTF8.GetBytes(string.Join('\0', options.SelectMany(option => new[] { option.Key, option.Value })));
    });

    /// <returns>When it expires, in milliseconds since 1970; then the token.</returns>
    public static byte[] Token(byte[] scope) => Answered(() =>
    {
        var token = Kernel.Identity.Token(Encoding.UTF8.GetString(scope));
        var answer = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(token.Text)];
        BinaryPrimitives.WriteInt64BigEndian(answer, token.ExpiresAt.ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(token.Text, answer.AsSpan(sizeof(long)));
        return answer;
    });

    private static byte[] Answer(Func<long[]> call) => Answered(() => BytesOf(call()));

    private static byte[] Answered(Func<byte[]> call)
    {
        try
        {
            return [0, .. call()];
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    private static Kernel KernelOf(byte[] configuration)
    {
        var text = Encoding.UTF8.GetString(configuration);
        if (Kernels.TryGetValue(text, out var kernel))
        {
            return kernel;
        }
        lock (Opening)
        {
            return Kernels.GetOrAdd(text, static (_, json) => new Kernel(KernelConfiguration.Read(json), TimeProvider.System), configuration);
        }
    }

    private static byte[] BytesOf(long[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(long)];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), numbers[i]);
        }
        return bytes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] Failed(Exception e)
    {
        // What has no message of its own for people is told with its kind.
        var sentence = e is BillStoreException or KernelException or EventLogException or EntraException ? e.Message : $"{e.GetType().Name}: {e.Message}";
        return [1, .. Encoding.UTF8.GetBytes(sentence)];
    }
}
