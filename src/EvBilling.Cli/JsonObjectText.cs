using System.Text;
using System.Text.Json;

namespace EvBilling.Cli;

/// <summary>One JSON object on one line: what <c>--json</c> prints.</summary>
internal static class JsonObjectText
{
    public static string Of(Action<Utf8JsonWriter> writeMembers)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, BillOutput.Json))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
