using Azure.Core.Pipeline;
using Confluent.Kafka;
using EvBilling.Entra;
using EvBilling.Kafka.Settings;
using EvBilling.Kafka.Tokens;

namespace EvBilling.Kafka;

/// <summary>How brokers are reached: properties of librdkafka and a few of our own. What the program's exactness rests on cannot be set otherwise.</summary>
public sealed class KafkaSettings
{
    private const string Hidden = "***";

    private readonly Dictionary<string, SetProperty> _properties;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly HttpPipelineTransport? _toEntra;
    private readonly TokenOrigin _tokenOrigin;
    private readonly TokenRefresher? _refresher;
    private readonly string[] _secrets;
    private volatile ITokenSource? _tokens;

    private KafkaSettings(Dictionary<string, SetProperty> properties, IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? toEntra)
    {
        _tokenOrigin = SecurityChoice.Complete(properties);
        _properties = properties;
        _environment = environment;
        _toEntra = toEntra;
        _secrets = [.. SecretsOf(properties.Values)];
        _refresher = _tokenOrigin == TokenOrigin.None ? null : new TokenRefresher(
            () => _tokens ?? throw new InvalidOperationException("no configuration was made before the client"), Scrub);
    }

    /// <summary>Without any property: for a broker that asks for no security.</summary>
    public static KafkaSettings None { get; } = new([], new Dictionary<string, string>(), null);

    /// <summary>Reads settings; options win over the environment, that over the file. No broker is asked.</summary>
    /// <param name="properties">NAME=VALUE of <c>--kafka</c>; none may be a secret.</param>
    /// <param name="propertiesFile">The file of <c>--kafka-config</c>: lines of NAME=VALUE, and comments that begin with #; null = none.</param>
    /// <param name="environment">EVBILLING_KAFKA_SASL_PASSWORD is sasl.password, and so on; AZURE_... say who asks Entra ID for tokens.</param>
    /// <exception cref="KafkaSettingsException">A setting cannot be used.</exception>
    public static KafkaSettings Read(IReadOnlyList<string> properties, string? propertiesFile, IReadOnlyDictionary<string, string> environment) =>
        Read(properties, propertiesFile, environment, toEntra: null);

    /// <param name="toEntra">How requests go to Entra ID; null = as Azure.Identity does it.</param>
    /// <inheritdoc cref="Read(IReadOnlyList{string},string,IReadOnlyDictionary{string,string})"/>
    internal static KafkaSettings Read(
        IReadOnlyList<string> properties, string? propertiesFile, IReadOnlyDictionary<string, string> environment, HttpPipelineTransport? toEntra)
    {
        var settings = new KafkaSettings(PropertyReader.Read(properties, propertiesFile, environment), environment, toEntra);
        PropertyTrial.Run(settings.ConsumerOf("evbilling"), settings.ProducerOf(), settings._properties, settings.Scrub);
        return settings;
    }

    /// <summary>Settings of a consumer that takes part in a group and keeps its positions itself.</summary>
    /// <exception cref="KafkaSettingsException">The scope of tokens cannot be told from these brokers.</exception>
    public ConsumerConfig Consumer(string bootstrapServers, string group)
    {
        PrepareTokens(bootstrapServers);
        var config = ConsumerOf(group);
        config.BootstrapServers = bootstrapServers;
        return config;
    }

    /// <summary>Settings of a producer that neither loses nor doubles nor reorders.</summary>
    /// <inheritdoc cref="Consumer" path="/exception"/>
    public ProducerConfig Producer(string bootstrapServers)
    {
        PrepareTokens(bootstrapServers);
        var config = EntraTokens.IsEventHubs(bootstrapServers) ? ProducerOf(ClientDefaults.EventHubsProducer) : ProducerOf();
        config.BootstrapServers = bootstrapServers;
        return config;
    }

    /// <summary>Settings of an administrator.</summary>
    /// <inheritdoc cref="Consumer" path="/exception"/>
    public AdminClientConfig Admin(string bootstrapServers)
    {
        PrepareTokens(bootstrapServers);
        return new(WithDefaults(ClientDefaults.All, ClientDefaults.Admin)) { BootstrapServers = bootstrapServers };
    }

    /// <summary>The same for a reader that has Kafka's Java client.</summary>
    /// <param name="bootstrapServers">By which the scope of tokens is known.</param>
    /// <param name="secretReferences">${NAME} stands in place of each secret, for the environment variable that has it where the reader runs.</param>
    /// <exception cref="KafkaSettingsException">A setting has no counterpart there.</exception>
    public JavaClientSettings ForJava(string bootstrapServers, bool secretReferences) =>
        new JavaClient(_properties, secretReferences).Settings(_tokenOrigin == TokenOrigin.Entra ? ScopeFor(bootstrapServers) : null);

    /// <summary>Sets the handlers of logs, errors and tokens. The builder takes each once, so that the caller sets none of these itself.</summary>
    /// <param name="builder">Made of what <see cref="Consumer"/> gave. Its client fetches tokens only while it is polled.</param>
    /// <param name="log">Gets the library's lines without secrets, from any thread.</param>
    /// <param name="onError">Gets what goes wrong outside a call, from any thread: brokers that are down, failed authentication; null = nobody asks.</param>
    public void Attach<TKey, TValue>(ConsumerBuilder<TKey, TValue> builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => Log(line, log));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
        if (_refresher is not null)
        {
            builder.SetOAuthBearerTokenRefreshHandler(_refresher.Refresh);
        }
    }

    /// <inheritdoc cref="Attach{TKey,TValue}(ConsumerBuilder{TKey,TValue},Action{KafkaLogLine},Action{Error})"/>
    public void Attach<TKey, TValue>(ProducerBuilder<TKey, TValue> builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => Log(line, log));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
        if (_refresher is not null)
        {
            builder.SetOAuthBearerTokenRefreshHandler(_refresher.Refresh);
        }
    }

    /// <inheritdoc cref="Attach{TKey,TValue}(ConsumerBuilder{TKey,TValue},Action{KafkaLogLine},Action{Error})"/>
    public void Attach(AdminClientBuilder builder, Action<KafkaLogLine> log, Action<Error>? onError = null)
    {
        builder.SetLogHandler((_, line) => Log(line, log));
        builder.SetErrorHandler((_, error) => onError?.Invoke(error));
        if (_refresher is not null)
        {
            builder.SetOAuthBearerTokenRefreshHandler(_refresher.Refresh);
        }
    }

    /// <summary>The text without the secrets of these settings.</summary>
    public string Scrub(string text)
    {
        foreach (var secret in _refresher is null ? _secrets : _secrets.Concat(_refresher.Secrets))
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>What is said about security, for messages: the protocol and the mechanism.</summary>
    internal (string Protocol, string Mechanism) Security =>
        (_properties.GetValueOrDefault(PropertyRules.SecurityProtocol)?.Value.ToUpperInvariant() ?? "PLAINTEXT", _properties.GetValueOrDefault(PropertyRules.Mechanism)?.Value ?? "");

    private ConsumerConfig ConsumerOf(string group)
    {
        var isNewProtocol = _properties.GetValueOrDefault(PropertyRules.GroupProtocol)?.Value.Equals("consumer", StringComparison.OrdinalIgnoreCase) ?? false;
        return new(WithDefaults(ClientDefaults.All, ClientDefaults.Consumer, isNewProtocol ? [] : ClientDefaults.ClassicGroup)) { GroupId = group };
    }

    private ProducerConfig ProducerOf(params IEnumerable<KeyValuePair<string, string>>[] more) => new(WithDefaults([ClientDefaults.All, ClientDefaults.Producer, .. more]));

    private Dictionary<string, string> WithDefaults(params IEnumerable<KeyValuePair<string, string>>[] defaults)
    {
        var merged = new Dictionary<string, string>();
        foreach (var (name, value) in defaults.SelectMany(pairs => pairs))
        {
            merged[name] = value;
        }
        foreach (var property in _properties.Values.Where(property => !PropertyRules.IsOwn(property.Name)))
        {
            merged[property.Name] = property.Value;
        }
        return merged;
    }

    private void PrepareTokens(string bootstrapServers) => _tokens ??= _tokenOrigin switch
    {
        TokenOrigin.Entra => new EntraTokens(EntraIdentity.Of(_environment, _toEntra), ScopeFor(bootstrapServers)),
        TokenOrigin.File => new FileTokens(_properties[PropertyRules.OAuthTokenFile].Value, TimeProvider.System),
        _ => null,
    };

    private string ScopeFor(string bootstrapServers) =>
        _properties.GetValueOrDefault(PropertyRules.OAuthScope)?.Value
        ?? EntraTokens.ScopeOf(bootstrapServers)
        ?? throw new KafkaSettingsException(
            $"{PropertyRules.OAuth}=entra does not say what its tokens are for, and {bootstrapServers} is no namespace of Event Hubs; set {PropertyRules.OAuthScope}.");

    private void Log(LogMessage line, Action<KafkaLogLine> log)
    {
        // One set of properties serves consumers and producers, and each would warn of those that are only the other's.
        if (line.Facility == "CONFWARN" && line.Message.Contains("will be ignored by this", StringComparison.Ordinal))
        {
            return;
        }
        log(new(line.Level, line.Facility, Scrub(line.Message)));
    }

    private static IEnumerable<string> SecretsOf(IEnumerable<SetProperty> properties)
    {
        foreach (var value in properties.Where(property => PropertyRules.IsSecret(property.Name) && property.Value.Length > 0).Select(property => property.Value).Distinct())
        {
            yield return value;
            // A part of a connection string is as secret as the whole.
            foreach (var part in value.Split(';').Where(part => part.StartsWith("SharedAccessKey=", StringComparison.OrdinalIgnoreCase) && part.Length > "SharedAccessKey=".Length))
            {
                yield return part["SharedAccessKey=".Length..];
            }
        }
    }
}
