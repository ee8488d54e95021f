namespace EvBilling.Spark;

/// <summary>
/// Completes the options of Spark's Kafka source where the job runs: with secrets that its environment has, and for Databricks, whose build of Kafka's client
/// has its classes under another name and takes none of ours.
/// </summary>
internal static class SourceOptions
{
    private const string Kafka = "org.apache.kafka.";
    private const string Login = "kafka.sasl.jaas.config";
    private const string LoginHandler = "kafka.sasl.login.callback.handler.class";
    private const string TokenEndpoint = "kafka.sasl.oauthbearer.token.endpoint.url";
    private const string EntraLogin = "org.evbilling.spark.EntraLogin";
    private const string AzureAuthority = "https://login.microsoftonline.com";

    /// <param name="options">As `evbilling spark` has written them; they are changed.</param>
    /// <param name="secretVariables">The environment variables that ${NAME} in them refers to.</param>
    /// <param name="clientLogin">The class of Kafka's that asks for tokens with a client's id and secret, as it is called here.</param>
    /// <exception cref="KernelException">A secret is not there, or the identity is none that can be used here.</exception>
    public static void Complete(IDictionary<string, string> options, IEnumerable<string> secretVariables, string clientLogin, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var variable in secretVariables)
        {
            var secret = environment.GetValueOrDefault(variable) is { Length: > 0 } value ? value
                : throw new KernelException($"The environment variable {variable} is not set, and the job's properties refer to it; set it where the job runs (on Databricks in spark_env_vars, from a secret).");
            Replace(options, _ => true, (name, text) => text.Replace($"${{{variable}}}", name == Login ? Quoted(secret) : secret, StringComparison.Ordinal));
        }
        var at = clientLogin.IndexOf(Kafka, StringComparison.Ordinal);
        if (at <= 0)
        {
            return;
        }
        if (options.TryGetValue(LoginHandler, out var handler))
        {
            if (handler == EntraLogin)
            {
                UsePrincipal(options, environment);
            }
            options[LoginHandler] = clientLogin;
        }
        Replace(options, name => name == Login, (_, text) => text.StartsWith(Kafka, StringComparison.Ordinal) ? clientLogin[..at] + text : text);
    }

    // A class of ours is none of those that this build of the client can call, so that Kafka's own asks: for a principal with a secret.
    private static void UsePrincipal(IDictionary<string, string> options, IReadOnlyDictionary<string, string> environment)
    {
        string Of(string name) => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value
            : throw new KernelException(
                $"{name} is not set: on Databricks the brokers are told a service principal of Microsoft Entra ID, by AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET in spark_env_vars (the last from a secret).");
        var authority = environment.GetValueOrDefault("AZURE_AUTHORITY_HOST") is { Length: > 0 } stated ? stated.TrimEnd('/') : AzureAuthority;
        options[TokenEndpoint] = $"{authority}/{Of("AZURE_TENANT_ID")}/oauth2/v2.0/token";
        options[Login] = options[Login].Replace(" required ", $" required clientId=\"{Quoted(Of("AZURE_CLIENT_ID"))}\" clientSecret=\"{Quoted(Of("AZURE_CLIENT_SECRET"))}\" ", StringComparison.Ordinal);
    }

    private static void Replace(IDictionary<string, string> options, Func<string, bool> isMeant, Func<string, string, string> replace)
    {
        foreach (var name in options.Keys.Where(isMeant).ToList())
        {
            options[name] = replace(name, options[name]);
        }
    }

    // As a login's options want it.
    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
