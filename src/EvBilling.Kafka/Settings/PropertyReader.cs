namespace EvBilling.Kafka.Settings;

/// <summary>A property as it was set.</summary>
/// <param name="Origin">Where, for messages; never its value.</param>
internal sealed record SetProperty(string Name, string Value, string Origin);

/// <summary>Reads properties from options, the environment and a file, and puts them together.</summary>
internal static class PropertyReader
{
    private const string EnvironmentPrefix = "EVBILLING_KAFKA_";
    private const int SecretFileBytesMax = 64 * 1024;

    /// <summary>All properties by their one name: options win over the environment, that over the file.</summary>
    public static Dictionary<string, SetProperty> Read(IReadOnlyList<string> options, string? file, IReadOnlyDictionary<string, string> environment)
    {
        var all = new Dictionary<string, SetProperty>();
        IEnumerable<SetProperty>[] sources = [file is null ? [] : OfFile(file), OfEnvironment(environment), options.Select(OfOption)];
        foreach (var source in sources)
        {
            foreach (var property in OneOfEach(source).Values)
            {
                PropertyRules.Check(property.Name, property.Value, property.Origin);
                all[property.Name] = property;
            }
        }
        return all;
    }

    /// <summary>Each property of a source once, by its one name, with the secret itself where a file of it was named.</summary>
    private static Dictionary<string, SetProperty> OneOfEach(IEnumerable<SetProperty> source)
    {
        var seen = new Dictionary<string, SetProperty>();
        foreach (var stated in source)
        {
            var property = WithSecretOfFile(stated with { Name = PropertyRules.Canonical(stated.Name) });
            if (!seen.TryAdd(property.Name, property))
            {
                throw new KafkaSettingsException($"{property.Name} is set twice ({seen[property.Name].Origin}, {property.Origin}); leave one out.");
            }
        }
        return seen;
    }

    private static SetProperty OfOption(string text, int index)
    {
        var origin = $"--kafka number {index + 1}";
        if (text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals))
        {
            throw new KafkaSettingsException($"{origin} is no NAME=VALUE; give a property of librdkafka, as in --kafka security.protocol=SASL_SSL.");
        }
        var (name, value) = (text[..equals].Trim(), text[(equals + 1)..].Trim());
        if (PropertyRules.IsSecret(name) || PropertyRules.LooksSecret(value))
        {
            throw new KafkaSettingsException(
                $"{name} holds a secret, which others on the machine could read on a command line; put it into a file for --kafka-config"
                + $" or into the environment variable {EnvironmentNameOf(name)}.");
        }
        return new(name, value, origin);
    }

    private static IEnumerable<SetProperty> OfEnvironment(IReadOnlyDictionary<string, string> environment) =>
        from variable in environment
        where variable.Key.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) && variable.Value.Length > 0
        orderby variable.Key
        select new SetProperty(NameOf(variable.Key[EnvironmentPrefix.Length..]), variable.Value, $"environment variable {variable.Key}");

    private static IEnumerable<SetProperty> OfFile(string file)
    {
        var number = 0;
        foreach (var line in LinesOf(file).Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] is '#' or '!')
            {
                continue;
            }
            if (line.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals))
            {
                throw new KafkaSettingsException($"{file} line {number} is no NAME=VALUE; give a property of librdkafka in each line, or # and a comment.");
            }
            yield return new(line[..equals].TrimEnd(), line[(equals + 1)..].TrimStart(), $"{file} line {number}");
        }
    }

    private static string[] LinesOf(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KafkaSettingsException($"--kafka-config {file} cannot be read ({e.Message.TrimEnd('.')}); give a readable file of NAME=VALUE lines.");
        }
    }

    /// <summary>Of sasl.password.file=FILE, sasl.password with what the file holds.</summary>
    private static SetProperty WithSecretOfFile(SetProperty property)
    {
        if (!property.Name.EndsWith(PropertyRules.FileSuffix, StringComparison.Ordinal) || property.Name == PropertyRules.OAuthTokenFile)
        {
            return property;
        }
        var name = property.Name[..^PropertyRules.FileSuffix.Length];
        if (!PropertyRules.IsSecret(name))
        {
            return property;
        }
        try
        {
            var length = new FileInfo(property.Value).Length;
            if (length is 0 or > SecretFileBytesMax)
            {
                throw new KafkaSettingsException($"{property.Name}={property.Value} ({property.Origin}) has {length} bytes; it must hold the secret and nothing else.");
            }
            // Editors end a file with a line feed, which is no part of the secret.
            return new(name, File.ReadAllText(property.Value).TrimEnd('\r', '\n'), property.Origin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KafkaSettingsException($"{property.Name}={property.Value} ({property.Origin}) cannot be read ({e.Message.TrimEnd('.')}); give a readable file that holds the secret.");
        }
    }

    /// <summary>SASL_PASSWORD is sasl.password; CONNECTION_STRING and OAUTH are of the program's own.</summary>
    private static string NameOf(string variable)
    {
        var name = variable.ToLowerInvariant().Replace('_', '.');
        // The only name of librdkafka's with an underscore that takes a text.
        return name == "log.level" ? "log_level"
            : name.StartsWith("connection.string", StringComparison.Ordinal) || name == "oauth" || name.StartsWith("oauth.", StringComparison.Ordinal) ? "evbilling." + name
            : name;
    }

    /// <summary>The environment variable that has a property.</summary>
    public static string EnvironmentNameOf(string name)
    {
        var ownOrNot = PropertyRules.IsOwn(name) ? name["evbilling.".Length..] : name;
        return EnvironmentPrefix + ownOrNot.ToUpperInvariant().Replace('.', '_');
    }
}
