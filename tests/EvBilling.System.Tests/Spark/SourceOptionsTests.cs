using EvBilling.Spark;

namespace EvBilling.SystemTests.Spark;

/// <summary>What the kernel makes of the source's options where the job runs.</summary>
public sealed class SourceOptionsTests
{
    private const string Kafka = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
    private const string Databricks = "kafkashaded." + Kafka;
    private const string Login = "kafka.sasl.jaas.config";
    private const string Handler = "kafka.sasl.login.callback.handler.class";

    [Fact]
    public void A_reference_is_replaced_by_what_the_environment_has_quoted_where_a_login_has_it()
    {
        var options = Completed(
            new() { [Login] = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$ConnectionString\" password=\"${EVBILLING_KAFKA_CONNECTION_STRING}\";", ["kafka.ssl.key.password"] = "${KEY}" },
            Kafka, ["EVBILLING_KAFKA_CONNECTION_STRING", "KEY"], ("EVBILLING_KAFKA_CONNECTION_STRING", "a\"b\\c"), ("KEY", "d\"e"));
        Assert.Equal("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$ConnectionString\" password=\"a\\\"b\\\\c\";", options[Login]);
        Assert.Equal("d\"e", options["kafka.ssl.key.password"]);
    }

    [Fact]
    public void Nothing_is_replaced_that_is_no_reference_of_the_job() =>
        Assert.Equal("${HOME}", Completed(new() { ["x"] = "${HOME}" }, Kafka, [], ("HOME", "/root"))["x"]);

    [Fact]
    public void A_variable_that_is_not_set_is_named() =>
        Assert.Contains("The environment variable KEY is not set", Refused(new() { ["x"] = "${KEY}" }, Kafka, ["KEY"]), StringComparison.Ordinal);

    [Theory]
    [InlineData("org.apache.kafka.common.security.plain.PlainLoginModule required username=\"org.apache.kafka.\";")]
    [InlineData("org.apache.kafka.common.security.scram.ScramLoginModule required;")]
    public void On_Databricks_a_login_has_its_name_there(string login) => Assert.Equal("kafkashaded." + login, Completed(new() { [Login] = login }, Databricks, [])[Login]);

    [Fact]
    public void On_Databricks_tokens_of_Entra_are_asked_for_by_Kafkas_own_login()
    {
        var options = Completed(Entra(), Databricks, [], ("AZURE_TENANT_ID", "a-tenant"), ("AZURE_CLIENT_ID", "a-client"), ("AZURE_CLIENT_SECRET", "a\"b"));
        Assert.Equal(Databricks, options[Handler]);
        Assert.Equal("https://login.microsoftonline.com/a-tenant/oauth2/v2.0/token", options["kafka.sasl.oauthbearer.token.endpoint.url"]);
        Assert.Equal(
            "kafkashaded.org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"a-client\" clientSecret=\"a\\\"b\" scope=\"https://fleet.servicebus.windows.net/.default\";",
            options[Login]);
    }

    [Theory]
    [InlineData("AZURE_TENANT_ID")]
    [InlineData("AZURE_CLIENT_ID")]
    [InlineData("AZURE_CLIENT_SECRET")]
    public void On_Databricks_what_is_missing_of_the_principal_is_named(string missing)
    {
        var others = new[] { "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET" }.Where(name => name != missing).Select(name => (name, "value")).ToArray();
        Assert.StartsWith($"{missing} is not set: on Databricks", Refused(Entra(), Databricks, [], others), StringComparison.Ordinal);
    }

    [Fact]
    public void Elsewhere_the_kernel_itself_gives_the_tokens() => Assert.Equal(Entra(), Completed(Entra(), Kafka, []));

    private static Dictionary<string, string> Entra() => new()
    {
        [Handler] = "org.evbilling.spark.EntraLogin",
        [Login] = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required scope=\"https://fleet.servicebus.windows.net/.default\";",
    };

    private static Dictionary<string, string> Completed(Dictionary<string, string> options, string login, string[] secrets, params (string Name, string Value)[] environment)
    {
        SourceOptions.Complete(options, secrets, login, environment.ToDictionary(variable => variable.Name, variable => variable.Value));
        return options;
    }

    private static string Refused(Dictionary<string, string> options, string login, string[] secrets, params (string Name, string Value)[] environment) =>
        Assert.Throws<KernelException>(() => Completed(options, login, secrets, environment)).Message;
}
