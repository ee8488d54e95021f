using System.Text.Json.Nodes;

namespace EvBilling.SystemTests.Azure.Rehearsal;

/// <summary>Expressions mean what Data Factory's documentation says.</summary>
public sealed class FactoryExpressionTests : IFactoryScope
{
    JsonNode? IFactoryScope.Pipeline => new JsonObject { ["RunId"] = "r", ["parameters"] = new JsonObject { ["replicas"] = 3, ["day"] = "" } };

    [Theory]
    [InlineData("a text", "a text")]
    [InlineData("@@home", "@home")]
    [InlineData("of @{variables('v')} and @{1}", "of it's \"x\" and 1")]
    [InlineData("@{variables('v')}", "it's \"x\"")]
    [InlineData("@concat('it''s ', 'two', 2)", "it's two2")]
    [InlineData("@string(createArray(variables('v')))", "[\"it's \\\"x\\\"\"]")]
    [InlineData("@string(json('[]'))", "[]")]
    [InlineData("@string(true)", "True")]
    [InlineData("@string(null)", "")]
    [InlineData("@trim('  a ')", "a")]
    [InlineData("@equals('a', 'A')", false)]
    [InlineData("@equals(3, pipeline().parameters.replicas)", true)]
    [InlineData("@equals('3', 3)", false)]
    [InlineData("@equals(null, null)", true)]
    [InlineData("@greater(pipeline().parameters.replicas, 2)", true)]
    [InlineData("@empty(pipeline().parameters.day)", true)]
    [InlineData("@and(true, not(false))", true)]
    [InlineData("@or(false, false)", false)]
    [InlineData("@if(equals(1, 1), 'yes', 'no')", "yes")]
    [InlineData("@coalesce(activity('ok')?.error?.message, 'none')", "none")]
    [InlineData("@coalesce(activity('skipped')?.output?.firstRow?.state, 'none')", "none")]
    [InlineData("@activity('ok').Status", "Succeeded")]
    [InlineData("@activity('ok').output.value[1].name", "b")]
    [InlineData("@activity('failed').error.message", "it broke")]
    [InlineData("@formatDateTime(addDays('2026-03-01T02:00:00Z', -1), 'yyyy-MM-dd')", "2026-02-28")]
    [InlineData("@formatDateTime('2026-01-05', 'yyyy-MM-dd')", "2026-01-05")]
    public void A_value_is(string expression, object value) =>
        Assert.True(JsonNode.DeepEquals(value is bool truth ? JsonValue.Create(truth) : JsonValue.Create((string)value), Resolve(expression)), $"{Resolve(expression)?.ToJsonString()}");

    [Theory]
    [InlineData("@activity('failed').output.value")]
    [InlineData("@activity('ok').output.value[2]")]
    [InlineData("@formatDateTime('2026-02-30', 'yyyy-MM-dd')")]
    [InlineData("@json('[')")]
    [InlineData("@greater('3', 2)")]
    [InlineData("@if('true', 1, 2)")]
    [InlineData("@if(true, 1, activity('failed').output.value)")]
    public void An_expression_that_cannot_be_worked_out_fails_its_activity(string expression) => Assert.Throws<FactoryExpressionException>(() => Resolve(expression));

    [Theory]
    [InlineData("@replace('a', 'b', 'c')")]
    [InlineData("@concat()")]
    [InlineData("@createArray()")]
    public void A_function_that_the_rehearsal_does_not_know_ends_it(string expression) => Assert.Throws<NotSupportedException>(() => Resolve(expression));

    [Theory]
    [InlineData("@concat('a'")]
    [InlineData("@concat('a)")]
    [InlineData("@variables('v') more")]
    [InlineData("@nothing")]
    [InlineData("@variables('w')")]
    [InlineData("@activity('w')")]
    public void What_Data_Factory_would_not_publish_ends_the_rehearsal(string expression) => Assert.Throws<InvalidOperationException>(() => Resolve(expression));

    [Fact]
    public void Expressions_are_worked_out_wherever_they_stand()
    {
        var definition = JsonNode.Parse("""{"a":["@concat('x', 'y')"],"b":{"value":"@variables('v')","type":"Expression"},"c":{"value":1}}""");
        Assert.Equal("""{"a":["xy"],"b":"it\u0027s \u0022x\u0022","c":{"value":1}}""", FactoryExpression.Resolve(definition, this)!.ToJsonString());
    }

    JsonNode? IFactoryScope.Variable(string name) => name == "v" ? "it's \"x\"" : throw new InvalidOperationException(name);

    JsonNode? IFactoryScope.Activity(string name) => name switch
    {
        "ok" => new ActivityEnd(ActivityStatus.Succeeded, JsonNode.Parse("""{"value":[{"name":"a"},{"name":"b"}]}""")).Json,
        "failed" => new ActivityEnd(ActivityStatus.Failed, null, "1", "it broke").Json,
        "skipped" => new ActivityEnd(ActivityStatus.Skipped).Json,
        _ => throw new InvalidOperationException(name),
    };

    private JsonNode? Resolve(string expression) => FactoryExpression.Resolve(expression, this);
}
