namespace EvBilling.Kafka.Settings;

/// <summary>Settings as Kafka's Java client names them, for a program that reads with that one.</summary>
internal static class JavaClient
{
    private const string CertificateFile = "ssl.ca.location";
    private const string Certificates = "ssl.ca.pem";

    /// <exception cref="KafkaSettingsException">One of them has no counterpart there.</exception>
    public static Dictionary<string, string> Of(IReadOnlyDictionary<string, SetProperty> properties)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["isolation.level"] = "read_committed" };
        foreach (var property in properties.Values)
        {
            switch (property.Name)
            {
                case PropertyRules.SecurityProtocol or PropertyRules.Mechanism:
                    settings[property.Name] = property.Value.ToUpperInvariant();
                    break;
                case PropertyRules.UserName or PropertyRules.Password or PropertyRules.ConnectionString:
                    break;
                case CertificateFile:
                    (settings["ssl.truststore.type"], settings["ssl.truststore.location"]) = ("PEM", property.Value);
                    break;
                case Certificates:
                    (settings["ssl.truststore.type"], settings["ssl.truststore.certificates"]) = ("PEM", property.Value);
                    break;
                default:
                    throw new KafkaSettingsException($"{property.Name} cannot be used with Spark, whose Kafka client is another; leave it out.");
            }
        }
        if (properties.TryGetValue(PropertyRules.UserName, out var user) && properties.TryGetValue(PropertyRules.Password, out var password))
        {
            var module = settings.GetValueOrDefault(PropertyRules.Mechanism)?.StartsWith("SCRAM", StringComparison.Ordinal) == true ? "scram.ScramLoginModule" : "plain.PlainLoginModule";
            settings["sasl.jaas.config"] = $"org.apache.kafka.common.security.{module} required username=\"{Quoted(user.Value)}\" password=\"{Quoted(password.Value)}\";";
        }
        return settings;
    }

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
