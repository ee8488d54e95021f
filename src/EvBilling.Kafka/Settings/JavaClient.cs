namespace EvBilling.Kafka.Settings;

/// <summary>Settings as Kafka's Java client names them, for a program that reads with that one.</summary>
/// <param name="properties">What is set, complete.</param>
/// <param name="secretReferences">${NAME} stands in place of each secret, for the environment variable that has it.</param>
internal sealed class JavaClient(IReadOnlyDictionary<string, SetProperty> properties, bool secretReferences)
{
    /// <summary>Asks Entra ID for tokens, with the identity of the process that it is in; of the job's jar.</summary>
    private const string EntraLogin = "org.evbilling.spark.EntraLogin";

    /// <summary>Asks for tokens with a client's id and secret.</summary>
    private const string ClientLogin = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";

    private const string Modules = "org.apache.kafka.common.security.";
    private const string Oidc = "sasl.oauthbearer.";
    private const string ClientId = Oidc + "client.id";
    private const string ClientSecret = Oidc + "client.secret";
    private const string Scope = Oidc + "scope";
    private const string KeyText = "ssl.key.pem";

    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal) { ["isolation.level"] = "read_committed" };
    private readonly List<string> _variables = [];

    /// <param name="entraScope">What tokens of Entra ID are for; null = none are wanted.</param>
    /// <exception cref="KafkaSettingsException">One of them has no counterpart there.</exception>
    public JavaClientSettings Settings(string? entraScope)
    {
        foreach (var property in properties.Values)
        {
            Take(property);
        }
        SetLogin(entraScope);
        return new(_settings, _variables);
    }

    private void Take(SetProperty property)
    {
        switch (property.Name)
        {
            case PropertyRules.SecurityProtocol or PropertyRules.Mechanism:
                _settings[property.Name] = property.Value.ToUpperInvariant();
                break;
            case PropertyRules.UserName or PropertyRules.Password or PropertyRules.ConnectionString or PropertyRules.OAuthScope:
            case PropertyRules.OAuth when property.Value == "entra":
            case "sasl.oauthbearer.method" when property.Value.Equals("oidc", StringComparison.OrdinalIgnoreCase):
            case ClientId or ClientSecret or Scope:
                break;
            case Oidc + "token.endpoint.url":
                _settings[property.Name] = property.Value;
                break;
            // The text of certificates rather than their file, which the executors' machines do not have.
            case "ssl.ca.location":
                SetStore("truststore", "certificates", TextOf(property));
                break;
            case "ssl.ca.pem":
                SetStore("truststore", "certificates", property.Value);
                break;
            case "ssl.certificate.location":
                SetStore("keystore", "certificate.chain", TextOf(property));
                break;
            case "ssl.certificate.pem":
                SetStore("keystore", "certificate.chain", property.Value);
                break;
            case "ssl.key.location":
                SetStore("keystore", "key", Secret(KeyText, Key(property, TextOf(property))));
                break;
            case KeyText:
                SetStore("keystore", "key", Secret(KeyText, Key(property, property.Value)));
                break;
            case "ssl.key.password":
                _settings[property.Name] = Secret(property.Name, property.Value);
                break;
            case "ssl.endpoint.identification.algorithm":
                _settings[property.Name] = property.Value == "none" ? "" : property.Value;
                break;
            default:
                throw new KafkaSettingsException($"{property.Name} ({property.Origin}) cannot be used with Spark, whose Kafka client is another; leave it out.");
        }
    }

    private void SetLogin(string? entraScope)
    {
        switch (_settings.GetValueOrDefault(PropertyRules.Mechanism))
        {
            case null:
                break;
            case "PLAIN":
                SetLogin("plain.PlainLoginModule", UserAndPassword());
                break;
            case "SCRAM-SHA-256" or "SCRAM-SHA-512":
                SetLogin("scram.ScramLoginModule", UserAndPassword());
                break;
            case "OAUTHBEARER" when entraScope is not null:
                SetLogin("oauthbearer.OAuthBearerLoginModule", [("scope", Quoted(entraScope))], EntraLogin);
                break;
            case "OAUTHBEARER" when properties.ContainsKey(ClientId) && properties.TryGetValue(ClientSecret, out var secret):
                (string, string)[] client = [("clientId", Quoted(properties[ClientId].Value)), ("clientSecret", Secret(ClientSecret, Quoted(secret.Value)))];
                SetLogin("oauthbearer.OAuthBearerLoginModule", properties.TryGetValue(Scope, out var scope) ? [.. client, ("scope", Quoted(scope.Value))] : client, ClientLogin);
                break;
            case var mechanism:
                throw new KafkaSettingsException(
                    $"sasl.mechanism={mechanism} ({properties[PropertyRules.Mechanism].Origin}) cannot be used with Spark in this way; there are PLAIN, SCRAM, {PropertyRules.OAuth}=entra, "
                    + $"and OAUTHBEARER with sasl.oauthbearer.method=oidc, {ClientId} and {ClientSecret}.");
        }
    }

    private void SetLogin(string module, IReadOnlyList<(string Name, string Value)> options, string? handler = null)
    {
        _settings["sasl.jaas.config"] = $"{Modules}{module} required {string.Join(' ', options.Select(option => $"{option.Name}=\"{option.Value}\""))};";
        if (handler is not null)
        {
            _settings["sasl.login.callback.handler.class"] = handler;
        }
    }

    private (string, string)[] UserAndPassword() =>
    [
        ("username", Quoted(properties[PropertyRules.UserName].Value)),
        ("password", Secret(properties.ContainsKey(PropertyRules.ConnectionString) ? PropertyRules.ConnectionString : PropertyRules.Password, Quoted(properties[PropertyRules.Password].Value))),
    ];

    private void SetStore(string store, string part, string text) => (_settings[$"ssl.{store}.type"], _settings[$"ssl.{store}.{part}"]) = ("PEM", text);

    /// <param name="name">The property that the environment may have it by.</param>
    private string Secret(string name, string value)
    {
        if (!secretReferences)
        {
            return value;
        }
        var variable = PropertyReader.EnvironmentNameOf(name);
        _variables.Add(variable);
        return $"${{{variable}}}";
    }

    private static string Key(SetProperty property, string text) => text.Contains("-----BEGIN PRIVATE KEY-----", StringComparison.Ordinal) || text.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
        ? text
        : throw new KafkaSettingsException($"{property.Name} ({property.Origin}) is no key in PKCS#8, which is all that Spark's Kafka client reads; write it anew by openssl pkcs8 -topk8.");

    private static string TextOf(SetProperty property)
    {
        try
        {
            return File.ReadAllText(property.Value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KafkaSettingsException($"{property.Name}={property.Value} ({property.Origin}) cannot be read ({e.Message.TrimEnd('.')}); give a file of PEM, which Spark's Kafka client needs.");
        }
    }

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
