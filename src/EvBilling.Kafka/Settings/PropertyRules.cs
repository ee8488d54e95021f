namespace EvBilling.Kafka.Settings;

/// <summary>What is said about properties by their names: which are secrets, which are the program's own, and what those of Java are called here.</summary>
internal static class PropertyRules
{
    public const string SecurityProtocol = "security.protocol";
    public const string Mechanism = "sasl.mechanism";
    public const string UserName = "sasl.username";
    public const string Password = "sasl.password";
    public const string ConnectionString = "evbilling.connection.string";
    public const string OAuth = "evbilling.oauth";
    public const string OAuthScope = "evbilling.oauth.scope";
    public const string OAuthTokenFile = "evbilling.oauth.token.file";
    public const string GroupProtocol = "group.protocol";

    /// <summary>A secret's name with this end names a file that holds the secret.</summary>
    public const string FileSuffix = ".file";

    private const string OwnPrefix = "evbilling.";

    private static readonly HashSet<string> Own = [ConnectionString, OAuth, OAuthScope, OAuthTokenFile];

    private static readonly string[] SecretEnds = ["password", "passphrase", "secret", ".key.pem", ".assertion.jwt", "oauthbearer.config", "connection.string", "token"];

    /// <summary>Two names of librdkafka's for one thing; without this the one of a file would stay beside the other of an option.</summary>
    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["sasl.mechanisms"] = Mechanism,
        ["metadata.broker.list"] = "bootstrap.servers",
        ["request.required.acks"] = "acks",
        ["queue.buffering.max.ms"] = "linger.ms",
        ["message.send.max.retries"] = "retries",
        ["delivery.timeout.ms"] = "message.timeout.ms",
        ["compression.type"] = "compression.codec",
        ["max.in.flight"] = "max.in.flight.requests.per.connection",
        ["max.partition.fetch.bytes"] = "fetch.message.max.bytes",
        ["auto.commit.enable"] = "enable.auto.commit",
    };

    /// <summary>What the program relies on: the only value, in its spellings, and why. No value: it is set elsewhere or never.</summary>
    private static readonly Dictionary<string, (string[] Values, string Reason)> Fixed = new()
    {
        ["enable.auto.commit"] = (["false"], "positions are committed with the bills, in one transaction"),
        ["enable.auto.offset.store"] = (["false"], "positions are committed with the bills, in one transaction"),
        ["auto.offset.reset"] = (["error"], "a gap in the events is said and never jumped over"),
        ["enable.partition.eof"] = (["true"], "the end of a partition must be seen"),
        ["isolation.level"] = (["read_committed"], "events of transactions that were given up must not be billed"),
        ["enable.idempotence"] = (["true"], "a resent event must not be doubled or overtaken"),
        ["acks"] = (["all", "-1"], "an event counts as sent only when all replicas have it"),
        ["partitioner"] = (["murmur2_random"], "a key must go to the partition that Java's producers choose"),
        ["transactional.id"] = ([], "events are written without transactions"),
        ["bootstrap.servers"] = ([], "the brokers are those of kafka://HOST:PORT/TOPIC"),
        ["group.id"] = ([], "the group is that of --group"),
    };

    private static readonly Dictionary<string, string> NamesOfJava = new()
    {
        ["sasl.jaas.config"] = "give sasl.username and sasl.password",
        ["ssl.truststore.location"] = "give ssl.ca.location, a file of PEM certificates",
        ["ssl.truststore.certificates"] = "give ssl.ca.pem",
        ["ssl.truststore.password"] = "give ssl.ca.location, a file of PEM certificates, which needs none",
        ["ssl.truststore.type"] = "give ssl.ca.location, a file of PEM certificates",
        ["ssl.keystore.type"] = "ssl.keystore.location is PKCS#12; for PEM give ssl.certificate.location and ssl.key.location",
        ["sasl.login.callback.handler.class"] = $"give {OAuth}=entra or {OAuth}=file, or sasl.oauthbearer.method=oidc",
    };

    /// <summary>The one of several names that is used here.</summary>
    public static string Canonical(string name) => Aliases.GetValueOrDefault(name, name);

    /// <summary>Whether the value must not be seen: by the name's end, so that a name that is not known errs on the safe side.</summary>
    public static bool IsSecret(string name) => SecretEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the value shows itself to be a secret, whatever its property.</summary>
    public static bool LooksSecret(string value) =>
        value.Contains("SharedAccessKey=", StringComparison.OrdinalIgnoreCase)
        || value.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
        || value.StartsWith("eyJ", StringComparison.Ordinal)
        || (value.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme && value.IndexOf('@', scheme) > value.IndexOf(':', scheme + 1) && value.IndexOf(':', scheme + 1) >= 0);

    public static bool IsOwn(string name) => name.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>Refuses what is not the user's to set.</summary>
    /// <param name="origin">Where it was set, for the message.</param>
    /// <exception cref="KafkaSettingsException">It is not, or it is no property of the program's own.</exception>
    public static void Check(string name, string value, string origin)
    {
        if (IsOwn(name) && !Own.Contains(name))
        {
            throw new KafkaSettingsException($"{name} ({origin}) is no property of EvBilling; there are {string.Join(", ", Own)}.");
        }
        if (NamesOfJava.TryGetValue(name, out var remedy))
        {
            throw new KafkaSettingsException($"{name} ({origin}) is a property of Java's, which librdkafka does not have; {remedy}.");
        }
        if (name.StartsWith("dotnet.", StringComparison.Ordinal))
        {
            throw new KafkaSettingsException($"{name} ({origin}) cannot be set: how results reach the program is its own affair; leave it out.");
        }
        if (!Fixed.TryGetValue(name, out var rule) || rule.Values.Contains(value, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }
        var only = rule.Values.Length == 0 ? "cannot be set" : $"must be {rule.Values[0]}";
        throw new KafkaSettingsException($"{name} ({origin}) {only}: {rule.Reason}; leave it out.");
    }
}
