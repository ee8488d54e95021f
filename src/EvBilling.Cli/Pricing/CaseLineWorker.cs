using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers a JSON object a line with one that has its id.</summary>
/// <param name="counts">Counts the cases.</param>
/// <param name="members">What a case states, for who forgot it.</param>
internal abstract class CaseLineWorker(CaseCounts counts, string members) : ILineWorker
{
    private const int IdBytesMax = 1_000;
    private const string NotUnicode = "The line has a text that is not valid Unicode; please write it as UTF-8.";

    private Utf8JsonWriter? _writer;

    public ArrayBufferWriter<byte> Answers { get; } = new(1 << 16);

    internal static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private Utf8JsonWriter Writer => _writer ??= new(Answers, BillOutput.Json);

    public void Answer(ReadOnlyMemory<byte> line)
    {
        if (line.Span.StartsWith(ByteOrderMark))
        {
            line = line[ByteOrderMark.Length..];
        }
        // The parser does not look into texts that nobody asks for.
        if (!Utf8.IsValid(line.Span))
        {
            Refuse(default, NotUnicode);
            return;
        }
        try
        {
            using var document = JsonDocument.Parse(line, PriceCase.Strict);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object)
            {
                Refuse(default, $"The line is no JSON object; please state {members}.");
                return;
            }
            var id = json.TryGetProperty("id", out var stated) && stated.ValueKind is JsonValueKind.String or JsonValueKind.Number ? JsonMarshal.GetRawUtf8Value(stated) : default;
            if (id.Length > IdBytesMax)
            {
                Refuse(default, $"/id: it is longer than {IdBytesMax:N0} bytes; please give a shorter one.");
                return;
            }
            try
            {
                Write(id, Answered(json), isError: false);
            }
            catch (PricingException e)
            {
                Refuse(id, e.Message);
            }
        }
        catch (JsonException e)
        {
            Refuse(default, $"The line is no JSON that can be read: {JsonProblem.Of(e)} Please mend it.");
        }
        catch (InvalidOperationException)
        {
            Refuse(default, NotUnicode);
        }
    }

    public void AnswerTooLong() => Refuse(default, $"The line is longer than {LineChunks.LineBytesMax >> 20} MiB; please leave out what decides no price.");

    /// <summary>Works out the answer to a case; what is returned writes it and does not fail.</summary>
    /// <exception cref="PricingException">There is none.</exception>
    protected abstract Action<Utf8JsonWriter> Answered(JsonElement json);

    /// <summary>Writes the members after id for what can't be answered.</summary>
    protected abstract void WriteError(Utf8JsonWriter writer, string error);

    private void Refuse(ReadOnlySpan<byte> id, string error) => Write(id, writer => WriteError(writer, error), isError: true);

    private void Write(ReadOnlySpan<byte> id, Action<Utf8JsonWriter> writeMembers, bool isError)
    {
        counts.Add(isError);
        Writer.WriteStartObject();
        Writer.WritePropertyName("id"u8);
        if (id.IsEmpty)
        {
            Writer.WriteNullValue();
        }
        else
        {
            Writer.WriteRawValue(id, skipInputValidation: true);
        }
        writeMembers(Writer);
        Writer.WriteEndObject();
        Writer.Flush();
        Writer.Reset();
        Answers.Write("\n"u8);
    }
}

/// <summary>How many cases there were. Threads may share it.</summary>
internal sealed class CaseCounts
{
    private long _cases;
    private long _errors;

    public long Cases => Interlocked.Read(ref _cases);

    public long Errors => Interlocked.Read(ref _errors);

    public void Add(bool isError)
    {
        Interlocked.Increment(ref _cases);
        if (isError)
        {
            Interlocked.Increment(ref _errors);
        }
    }
}
