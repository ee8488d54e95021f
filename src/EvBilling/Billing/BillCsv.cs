using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EvBilling.Billing;

/// <summary>
/// Bills as CSV (RFC 4180): UTF-8 without a byte order mark, comma, CRLF, a header line, a row a bill. Columns are the members of the bill's JSON, in its order
/// and by its names; flags are joined by ';', the other lists and objects are JSON texts, what is not known is empty. So that no spreadsheet program runs a
/// text from outside as a formula, one that begins with = + - @, a tab or a line break gets an apostrophe in front, unless it is a number.
/// </summary>
public static class BillCsv
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n");

    /// <summary>The header line, without its line break.</summary>
    public static string Header { get; } = HeaderOf();

    /// <summary>Writes the header line.</summary>
    public static void WriteHeader(IBufferWriter<byte> to)
    {
        ArgumentNullException.ThrowIfNull(to);
        Encoding.UTF8.GetBytes(Header + "\r\n", to);
    }

    /// <summary>Writes a bill's row.</summary>
    public static void Write(IBufferWriter<byte> to, Bill bill)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(bill);
        using var json = Json(bill);
        var row = string.Join(',', json.RootElement.EnumerateObject().Select(member => Escaped(Field(member))));
        Encoding.UTF8.GetBytes(row + "\r\n", to);
    }

    private static string Field(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Guarded(member.Value.GetString()!),
        JsonValueKind.Array when member.NameEquals("flags"u8) => string.Join(';', member.Value.EnumerateArray().Select(flag => flag.GetString())),
        _ => member.Value.GetRawText(),
    };

    private static string Guarded(string text) =>
        text.Length > 0 && FormulaStarts.Contains(text[0]) && Exact.TryParse(Encoding.UTF8.GetBytes(text), out _) == NumberReading.NotANumber
            ? "'" + text
            : text;

    private static string Escaped(string field) =>
        field.AsSpan().ContainsAny(Quoted) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    // The columns are read off a bill's JSON, so that a member that is added there is a column here.
    private static string HeaderOf()
    {
        using var json = Json(new Bill
        {
            SessionId = "",
            Status = BillStatus.Open,
            Flags = BillFlag.None,
            StartedAtNs = 0,
            EndedAtNs = 0,
            EnergyMwh = null,
            ChargingNs = 0,
            ParkingNs = 0,
            WaitingNs = 0,
            Readings = 0,
        });
        return string.Join(',', json.RootElement.EnumerateObject().Select(member => member.Name));
    }

    private static JsonDocument Json(Bill bill)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            BillJson.Write(writer, bill);
        }
        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
