using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using EvBilling.Rating;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers lines of <c>price --cases</c>.</summary>
internal sealed class CaseWorker : ILineWorker, IDisposable
{
    private readonly CdrPricer _pricer;
    private readonly bool _isRounded;
    private readonly CaseCounts _counts;
    private readonly Utf8JsonWriter _writer;

    public CaseWorker(RatingOptions options, RatingZones zones, bool isRounded, CaseCounts counts)
    {
        _pricer = new(options, zones);
        _isRounded = isRounded;
        _counts = counts;
        _writer = new(Answers, BillOutput.Json);
    }

    public ArrayBufferWriter<byte> Answers { get; } = new(1 << 16);

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public void Answer(ReadOnlyMemory<byte> line)
    {
        if (line.Span.StartsWith(ByteOrderMark))
        {
            line = line[ByteOrderMark.Length..];
        }
        try
        {
            using var document = JsonDocument.Parse(line, PriceCase.Strict);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object)
            {
                Write(default, null, "The line is no JSON object; please state {\"id\", \"timezone\", \"ocpi_version\", \"tariff\", \"cdr\"}.");
                return;
            }
            var id = json.TryGetProperty("id", out var stated) && stated.ValueKind is JsonValueKind.String or JsonValueKind.Number ? JsonMarshal.GetRawUtf8Value(stated) : default;
            var (price, error) = Priced(json);
            Write(id, price, error);
        }
        catch (JsonException e)
        {
            Write(default, null, $"The line is no JSON that can be read: {e.Message.Split(" Path:")[0].Split(" LineNumber:")[0]} Please mend it.");
        }
        catch (InvalidOperationException)
        {
            Write(default, null, "The line has a member whose name is not valid Unicode; please write it as UTF-8.");
        }
    }

    public void AnswerTooLong() => Write(default, null, $"The line is longer than {LineChunks.LineBytesMax >> 20} MiB; please leave out what decides no price.");

    public void Dispose() => _writer.Dispose();

    private (PriceJson? Price, string Error) Priced(JsonElement json)
    {
        try
        {
            return (new PriceJson(PriceCase.Price(json, _pricer), _isRounded), "");
        }
        catch (PricingException e)
        {
            return (null, e.Message);
        }
    }

    private void Write(ReadOnlySpan<byte> id, PriceJson? price, string error)
    {
        _counts.Add(isError: price is null);
        _writer.WriteStartObject();
        _writer.WritePropertyName("id"u8);
        if (id.IsEmpty)
        {
            _writer.WriteNullValue();
        }
        else
        {
            _writer.WriteRawValue(id, skipInputValidation: true);
        }
        if (price is null)
        {
            PriceJson.WriteError(_writer, error);
        }
        else
        {
            price.WriteMembers(_writer);
        }
        _writer.WriteEndObject();
        _writer.Flush();
        _writer.Reset();
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
