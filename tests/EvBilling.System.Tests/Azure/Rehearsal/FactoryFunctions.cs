using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>The functions of Data Factory's expressions that the pipeline uses. All arguments are worked out first, so that none is spared by <c>if</c>, <c>and</c> or <c>coalesce</c>.</summary>
internal static class FactoryFunctions
{
    private const string TimeForm = "yyyy-MM-ddTHH:mm:ss.fffffffZ";
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonNode? Call(string name, IReadOnlyList<JsonNode?> arguments, IFactoryScope scope) => (name, arguments.Count) switch
    {
        ("pipeline", 0) => scope.Pipeline,
        ("variables", 1) => scope.Variable(Text(arguments[0])),
        ("activity", 1) => scope.Activity(Text(arguments[0])),
        ("concat", >= 1) => string.Concat(arguments.Select(Text)),
        ("string", 1) => Text(arguments[0]),
        ("trim", 1) => Text(arguments[0]).Trim(),
        ("empty", 1) => IsEmpty(arguments[0]),
        ("coalesce", >= 1) => arguments.FirstOrDefault(argument => argument is not null),
        ("createArray", >= 1) => new JsonArray([.. arguments.Select(argument => argument?.DeepClone())]),
        ("json", 1) => Json(Text(arguments[0])),
        ("if", 3) => Truth(arguments[0]) ? arguments[1] : arguments[2],
        ("and", 2) => Truth(arguments[0]) & Truth(arguments[1]),
        ("or", 2) => Truth(arguments[0]) | Truth(arguments[1]),
        ("not", 1) => !Truth(arguments[0]),
        ("equals", 2) => AreEqual(arguments[0], arguments[1]),
        ("greater", 2) => Number(arguments[0]) > Number(arguments[1]),
        ("utcNow", 0) => DateTime.UtcNow.ToString(TimeForm, CultureInfo.InvariantCulture),
        ("addDays", 2) => Time(arguments[0]).AddDays((double)Number(arguments[1])).ToString(TimeForm, CultureInfo.InvariantCulture),
        ("formatDateTime", 2) => Time(arguments[0]).ToString(Text(arguments[1]), CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"The rehearsal does not know the function {name} of {arguments.Count} arguments."),
    };

    /// <summary>As it stands in a text: logical values with a capital, arrays and objects as JSON, null as nothing.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var content) => content,
        JsonValue logical when logical.TryGetValue<bool>(out var truth) => truth ? "True" : "False",
        _ => value.ToJsonString(Plain),
    };

    public static decimal Number(JsonNode? value) => value?.GetValueKind() == JsonValueKind.Number
        ? decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
        : throw new FactoryExpressionException($"A number is needed, not '{Text(value)}'.");

    public static bool Truth(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FactoryExpressionException($"True or false is needed, not '{Text(value)}'."),
    };

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException e)
        {
            throw new FactoryExpressionException($"The text is no JSON: {e.Message}");
        }
    }

    private static bool AreEqual(JsonNode? left, JsonNode? right) =>
        left?.GetValueKind() == JsonValueKind.Number && right?.GetValueKind() == JsonValueKind.Number ? Number(left) == Number(right) : JsonNode.DeepEquals(left, right);

    private static bool IsEmpty(JsonNode? value) => value switch
    {
        null => true,
        JsonArray array => array.Count == 0,
        JsonObject json => json.Count == 0,
        _ => Text(value).Length == 0,
    };

    private static DateTime Time(JsonNode? value) =>
        DateTime.TryParse(Text(value), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new FactoryExpressionException($"In a function of time '{Text(value)}' is no valid date and time.");
}
