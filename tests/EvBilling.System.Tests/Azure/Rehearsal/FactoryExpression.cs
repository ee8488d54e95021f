using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>An expression cannot be worked out, as Data Factory would say of it; the activity that has it fails.</summary>
internal sealed class FactoryExpressionException(string message) : Exception(message);

/// <summary>What an expression may ask for.</summary>
internal interface IFactoryScope
{
    JsonNode? Pipeline { get; }

    JsonNode? Variable(string name);

    JsonNode? Activity(string name);
}

/// <summary>
/// Data Factory's expression language, as far as the pipeline uses it: <c>@expression</c>, <c>@{...}</c> within a text, <c>@@</c> for an at-sign. A function that is not known here is no
/// expression that fails, but an error of the rehearsal.
/// </summary>
internal sealed class FactoryExpression
{
    private readonly string _text;
    private readonly IFactoryScope _scope;
    private int _at;

    private FactoryExpression(string text, int at, IFactoryScope scope) => (_text, _at, _scope) = (text, at, scope);

    /// <summary>The value of what stands in a definition: texts may be expressions, also within objects, and <c>{"type": "Expression"}</c> is one.</summary>
    public static JsonNode? Resolve(JsonNode? definition, IFactoryScope scope) => definition switch
    {
        JsonObject wrapped when wrapped.Count == 2 && wrapped["type"]?.ToString() == "Expression" => ResolveText(wrapped["value"]!.GetValue<string>(), scope),
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Resolve(member.Value, scope)))),
        JsonArray elements => new JsonArray([.. elements.Select(element => Resolve(element, scope))]),
        JsonValue value when value.TryGetValue<string>(out var text) => ResolveText(text, scope),
        _ => definition?.DeepClone(),
    };

    private static JsonNode? ResolveText(string text, IFactoryScope scope)
    {
        if (text.StartsWith("@@", StringComparison.Ordinal))
        {
            return text[1..];
        }
        if (text.StartsWith('@') && !text.StartsWith("@{", StringComparison.Ordinal))
        {
            var whole = new FactoryExpression(text, 1, scope);
            var value = whole.Value();
            whole.Skip();
            return whole._at == text.Length ? value?.DeepClone() : throw whole.Wrong("something follows the expression");
        }
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var next = text.IndexOf("@{", at, StringComparison.Ordinal);
            if (next < 0)
            {
                result.Append(text, at, text.Length - at);
                break;
            }
            result.Append(text, at, next - at);
            var part = new FactoryExpression(text, next + 2, scope);
            result.Append(FactoryFunctions.Text(part.Value()));
            part.Expect('}');
            at = part._at;
        }
        return result.ToString();
    }

    private JsonNode? Value()
    {
        Skip();
        var value = Primary();
        while (true)
        {
            var isSafe = Take('?');
            if (Take('.'))
            {
                value = Member(value, Name(), isSafe);
            }
            else if (Take('['))
            {
                var index = Value();
                Expect(']');
                value = index is JsonValue number && number.TryGetValue<string>(out var name) ? Member(value, name, isSafe) : Element(value, (int)FactoryFunctions.Number(index), isSafe);
            }
            else
            {
                return isSafe ? throw Wrong("a member must follow the question mark") : value;
            }
        }
    }

    private JsonNode? Primary()
    {
        var c = _at < _text.Length ? _text[_at] : throw Wrong("the expression ends too early");
        if (c == '\'')
        {
            return Literal();
        }
        if (char.IsAsciiDigit(c) || c == '-')
        {
            var start = _at++;
            while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
            {
                _at++;
            }
            return decimal.Parse(_text.AsSpan(start, _at - start), CultureInfo.InvariantCulture);
        }
        var name = Name();
        if (!Take('('))
        {
            return name switch { "true" => true, "false" => false, "null" => null, _ => throw Wrong($"{name} is neither a function nor a value") };
        }
        var arguments = new List<JsonNode?>();
        Skip();
        if (!Take(')'))
        {
            do
            {
                arguments.Add(Value());
                Skip();
            }
            while (Take(','));
            Expect(')');
        }
        return FactoryFunctions.Call(name, arguments, _scope);
    }

    private string Literal()
    {
        var literal = new StringBuilder();
        for (_at++; ; _at++)
        {
            if (_at >= _text.Length)
            {
                throw Wrong("a text has no end");
            }
            if (_text[_at] != '\'')
            {
                literal.Append(_text[_at]);
            }
            else if (_at + 1 < _text.Length && _text[_at + 1] == '\'')
            {
                literal.Append('\'');
                _at++;
            }
            else
            {
                _at++;
                return literal.ToString();
            }
        }
    }

    private string Name()
    {
        Skip();
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }
        return _at > start ? _text[start.._at] : throw Wrong("a name is missing");
    }

    private JsonNode? Member(JsonNode? of, string name, bool isSafe) => of switch
    {
        JsonObject json when json.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Key: not null } found => found.Value,
        null or JsonObject when isSafe => null,
        _ => throw new FactoryExpressionException($"The expression '{_text}' cannot be evaluated because property '{name}' doesn't exist."),
    };

    private JsonNode? Element(JsonNode? of, int index, bool isSafe) => of switch
    {
        JsonArray array when index >= 0 && index < array.Count => array[index],
        null or JsonArray when isSafe => null,
        _ => throw new FactoryExpressionException($"The expression '{_text}' cannot be evaluated because element {index} doesn't exist."),
    };

    private bool Take(char c)
    {
        if (_at < _text.Length && _text[_at] == c)
        {
            _at++;
            return true;
        }
        return false;
    }

    private void Expect(char c)
    {
        Skip();
        if (!Take(c))
        {
            throw Wrong($"{c} is missing");
        }
    }

    private void Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private InvalidOperationException Wrong(string what) => new($"At {_at} of \"{_text}\": {what}.");
}
