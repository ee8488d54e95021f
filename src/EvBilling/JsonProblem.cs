using System.Text.Json;

namespace EvBilling;

/// <summary>What is wrong with a text that is no JSON, for whoever must mend it.</summary>
public static class JsonProblem
{
    /// <summary>A sentence, without the path and line that the exception adds: they are those of a piece of the text.</summary>
    public static string Of(JsonException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Message.Split(" Path:")[0].Split(" LineNumber:")[0];
    }
}
