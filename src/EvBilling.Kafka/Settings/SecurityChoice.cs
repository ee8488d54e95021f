namespace EvBilling.Kafka.Settings;

/// <summary>Where tokens come from.</summary>
internal enum TokenOrigin
{
    /// <summary>None are needed, or librdkafka fetches them itself.</summary>
    None,

    /// <summary>Microsoft Entra ID.</summary>
    Entra,

    /// <summary>A file that someone else renews.</summary>
    File,
}

/// <summary>Completes what is said about security, and refuses what contradicts itself, before a broker is asked.</summary>
internal static class SecurityChoice
{
    private const string OAuthBearer = "OAUTHBEARER";

    private static readonly string[] Mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", OAuthBearer, "GSSAPI"];

    /// <summary>Sets what follows from what is set: changes the properties.</summary>
    /// <exception cref="KafkaSettingsException">Something is missing or contradicts itself.</exception>
    public static TokenOrigin Complete(Dictionary<string, SetProperty> properties)
    {
        CompleteConnectionString(properties);
        var origin = CompleteOAuth(properties);
        if (properties.TryGetValue(PropertyRules.Mechanism, out var mechanism))
        {
            CheckMechanism(mechanism, origin, properties);
        }
        else if (properties.Keys.FirstOrDefault(name => name is PropertyRules.UserName or PropertyRules.Password) is { } name)
        {
            throw new KafkaSettingsException($"{name} is set, but not how it is used; set sasl.mechanism to PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.");
        }
        CompleteProtocol(properties);
        Spell(properties, PropertyRules.Mechanism, value => value.ToUpperInvariant());
        Spell(properties, PropertyRules.SecurityProtocol, value => value.ToLowerInvariant());
        return origin;
    }

    // librdkafka takes any case, its .NET library only this.
    private static void Spell(Dictionary<string, SetProperty> properties, string name, Func<string, string> spell)
    {
        if (properties.TryGetValue(name, out var property))
        {
            properties[name] = property with { Value = spell(property.Value) };
        }
    }

    private static void CompleteConnectionString(Dictionary<string, SetProperty> properties)
    {
        if (!properties.TryGetValue(PropertyRules.ConnectionString, out var text))
        {
            return;
        }
        if (!text.Value.Contains("Endpoint=sb://", StringComparison.OrdinalIgnoreCase) || !text.Value.Contains("SharedAccessKey", StringComparison.OrdinalIgnoreCase))
        {
            throw new KafkaSettingsException(
                $"{PropertyRules.ConnectionString} ({text.Origin}) is no connection string of Event Hubs: give the whole of it, from Endpoint=sb:// to the end, without quotes.");
        }
        Derive(properties, PropertyRules.Mechanism, "PLAIN", text);
        Derive(properties, PropertyRules.UserName, "$ConnectionString", text);
        Derive(properties, PropertyRules.Password, text.Value, text);
        properties.TryAdd(PropertyRules.SecurityProtocol, text with { Name = PropertyRules.SecurityProtocol, Value = "SASL_SSL" });
    }

    private static TokenOrigin CompleteOAuth(Dictionary<string, SetProperty> properties)
    {
        if (!properties.TryGetValue(PropertyRules.OAuth, out var oauth))
        {
            return properties.TryGetValue(PropertyRules.OAuthTokenFile, out var stray)
                ? throw new KafkaSettingsException($"{stray.Name} ({stray.Origin}) is used only with {PropertyRules.OAuth}=file; set that too.")
                : TokenOrigin.None;
        }
        var origin = oauth.Value switch
        {
            "entra" => TokenOrigin.Entra,
            "file" => TokenOrigin.File,
            _ => throw new KafkaSettingsException($"{oauth.Name}={oauth.Value} ({oauth.Origin}) is neither entra nor file, which are all that there are."),
        };
        if (origin == TokenOrigin.File && !properties.ContainsKey(PropertyRules.OAuthTokenFile))
        {
            throw new KafkaSettingsException($"{oauth.Name}=file ({oauth.Origin}) needs {PropertyRules.OAuthTokenFile}=FILE, a file that holds a token and is renewed.");
        }
        Derive(properties, PropertyRules.Mechanism, OAuthBearer, oauth);
        return origin;
    }

    private static void CheckMechanism(SetProperty mechanism, TokenOrigin origin, Dictionary<string, SetProperty> properties)
    {
        if (!Mechanisms.Contains(mechanism.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new KafkaSettingsException($"sasl.mechanism={mechanism.Value} ({mechanism.Origin}) is not known; there are {string.Join(", ", Mechanisms)}.");
        }
        if (IsOAuthBearer(properties))
        {
            if (origin == TokenOrigin.None && !Is(properties, "sasl.oauthbearer.method", "oidc") && !Is(properties, "enable.sasl.oauthbearer.unsecure.jwt", "true"))
            {
                throw new KafkaSettingsException(
                    $"sasl.mechanism=OAUTHBEARER ({mechanism.Origin}) does not say where tokens come from; set {PropertyRules.OAuth}=entra, {PropertyRules.OAuth}=file or sasl.oauthbearer.method=oidc.");
            }
        }
        else if (!Is(properties, PropertyRules.Mechanism, "GSSAPI"))
        {
            foreach (var needed in new[] { PropertyRules.UserName, PropertyRules.Password }.Where(needed => !properties.ContainsKey(needed)))
            {
                var secretly = needed == PropertyRules.Password ? ", in a file for --kafka-config or in the environment variable EVBILLING_KAFKA_SASL_PASSWORD" : "";
                throw new KafkaSettingsException($"sasl.mechanism={mechanism.Value} ({mechanism.Origin}) needs {needed}; set it{secretly}.");
            }
        }
    }

    /// <summary>librdkafka's own default is no security at all, and it would leave out what is set without a word.</summary>
    private static void CompleteProtocol(Dictionary<string, SetProperty> properties)
    {
        if (properties.TryGetValue(PropertyRules.Mechanism, out var mechanism))
        {
            if (properties.TryGetValue(PropertyRules.SecurityProtocol, out var stated) && !stated.Value.StartsWith("SASL_", StringComparison.OrdinalIgnoreCase))
            {
                throw new KafkaSettingsException(
                    $"{PropertyRules.SecurityProtocol}={stated.Value} ({stated.Origin}) makes no use of sasl.mechanism={mechanism.Value} ({mechanism.Origin}); set it to SASL_SSL, or SASL_PLAINTEXT for a broker without TLS.");
            }
            properties.TryAdd(PropertyRules.SecurityProtocol, mechanism with { Name = PropertyRules.SecurityProtocol, Value = "SASL_SSL" });
        }
        else if (properties.Values.FirstOrDefault(property => property.Name.StartsWith("ssl.", StringComparison.Ordinal)) is { } tls)
        {
            properties.TryAdd(PropertyRules.SecurityProtocol, tls with { Name = PropertyRules.SecurityProtocol, Value = "SSL" });
        }
    }

    private static bool IsOAuthBearer(Dictionary<string, SetProperty> properties) => Is(properties, PropertyRules.Mechanism, OAuthBearer);

    private static bool Is(Dictionary<string, SetProperty> properties, string name, string value) =>
        properties.TryGetValue(name, out var property) && property.Value.Equals(value, StringComparison.OrdinalIgnoreCase);

    private static void Derive(Dictionary<string, SetProperty> properties, string name, string value, SetProperty source)
    {
        if (properties.TryGetValue(name, out var other) && !other.Value.Equals(value, StringComparison.OrdinalIgnoreCase))
        {
            throw new KafkaSettingsException($"{name} ({other.Origin}) contradicts {source.Name} ({source.Origin}), which sets it itself; leave one out.");
        }
        properties[name] = source with { Name = name, Value = value };
    }
}
