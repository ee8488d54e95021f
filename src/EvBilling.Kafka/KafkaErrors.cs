using Confluent.Kafka;

namespace EvBilling.Kafka;

/// <summary>What goes wrong with brokers, in a sentence with its remedy and without secrets.</summary>
public static class KafkaErrors
{
    /// <inheritdoc cref="Explain(Error,KafkaTarget,KafkaSettings)"/>
    public static string Explain(KafkaException exception, KafkaTarget target, KafkaSettings settings) => Explain(exception.Error, target, settings);

    /// <summary>One sentence on what failed at the target, why and how to mend it.</summary>
    /// <param name="error">The most telling error there is: <see cref="KafkaErrorWatch"/> finds it.</param>
    /// <param name="target">Where.</param>
    /// <param name="settings">What the target was reached with; its secrets are struck out.</param>
    public static string Explain(Error error, KafkaTarget target, KafkaSettings settings)
    {
        var reason = settings.Scrub(error.Reason).Trim().TrimEnd('.');
        var (protocol, mechanism) = settings.Security;
        return error.Code switch
        {
            _ when IsTlsMismatch(error) =>
                $"{target}: the brokers do not speak {protocol} there ({reason}); set security.protocol as their listener wants it, as in --kafka security.protocol=SASL_SSL.",
            ErrorCode.Local_Transport when IsClosedByBroker(error) && !protocol.StartsWith("SASL_", StringComparison.Ordinal) =>
                $"{target}: the broker closes the connection ({reason}); if it runs, set security.protocol and sasl.mechanism as its listener wants them.",
            _ when IsTls(error) =>
                $"{target}: no TLS connection ({reason}); check ssl.ca.location, the host's name in the broker's certificate, and the client's own certificate where the broker asks for one.",
            ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or ErrorCode.IllegalSaslState =>
                $"{target}: the broker refuses who we are ({reason}); {CredentialsRemedy(mechanism)}.",
            ErrorCode.Local_UnknownTopic or ErrorCode.UnknownTopicOrPart or ErrorCode.UnknownTopicId or ErrorCode.Local_UnknownPartition =>
                $"{target}: there is no topic {target.Topic} (or no right to see it); make it, or name another.",
            ErrorCode.TopicAuthorizationFailed =>
                $"{target}: no right to topic {target.Topic} ({reason}); grant Describe and Read to read it, Describe and Write to write it, Create to make it.",
            ErrorCode.GroupAuthorizationFailed =>
                $"{target}: no right to the consumer group ({reason}); grant Read on it, or name another by --group.",
            ErrorCode.ClusterAuthorizationFailed =>
                $"{target}: no right to the cluster ({reason}); grant Create to make topics and IdempotentWrite to write, or have the topic made.",
            ErrorCode.TopicException or ErrorCode.InvalidPartitions or ErrorCode.InvalidReplicationFactor or ErrorCode.PolicyViolation or ErrorCode.InvalidConfig =>
                $"{target}: the broker refuses a topic like that ({reason}); have it made by who runs the broker.",
            ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedForMessageFormat or ErrorCode.UnsupportedCompressionType =>
                $"{target}: the broker cannot do what is asked ({reason}); use Apache Kafka 2.1 or newer, or Event Hubs of tier Standard or higher.",
            ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge =>
                $"{target}: a record is larger than the broker or message.max.bytes allows ({reason}); raise the limit on both sides.",
            _ when IsUnreachable(error.Code) =>
                $"{target}: no broker answers ({reason}); check host and port, that the broker runs, and that the network lets this machine through.",
            _ => $"{target}: the broker reports {reason} ({error.Code}); see its log.",
        };
    }

    /// <summary>Whether brokers may come back by themselves, so that trying again is worth it.</summary>
    public static bool IsUnreachable(ErrorCode code) => code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve or ErrorCode.Local_TimedOut
        or ErrorCode.Local_MsgTimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.BrokerNotAvailable or ErrorCode.RequestTimedOut or ErrorCode.NetworkException
        or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.GroupCoordinatorNotAvailable
        or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupLoadInProgress or ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch;

    /// <summary>Whether trying again cannot help, as long as nobody changes something: credentials and certificates.</summary>
    internal static bool IsHopeless(Error error) => error.Code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism || IsTls(error);

    // What goes wrong with TLS after the greeting is reported as a lost connection.
    internal static bool IsTls(Error error) => error.Code == ErrorCode.Local_Ssl
        || (error.Code == ErrorCode.Local_Transport && error.Reason.Contains("SSL routines", StringComparison.Ordinal));

    /// <summary>A broker that wants another kind of security closes the connection without a word, and only the log tells of it.</summary>
    internal static bool IsClosedByBroker(Error error) => error.Reason.Contains("Disconnected", StringComparison.Ordinal);

    private static bool IsTlsMismatch(Error error) => error.Code is ErrorCode.Local_Transport or ErrorCode.Local_Ssl
        && (error.Reason.Contains("security.protocol", StringComparison.Ordinal) || error.Reason.Contains("PLAINTEXT broker listener", StringComparison.Ordinal)
            || error.Reason.Contains("wrong version number", StringComparison.OrdinalIgnoreCase)
            || error.Reason.Contains("packet length too long", StringComparison.OrdinalIgnoreCase)
            // A broker that sees no request in a TLS greeting closes the connection, mostly before its answer is read as no TLS.
            || (IsClosedByBroker(error) && error.Reason.Contains("SSL_HANDSHAKE", StringComparison.Ordinal)));

    private static string CredentialsRemedy(string mechanism) => mechanism.ToUpperInvariant() switch
    {
        "" => "set sasl.mechanism and what it needs",
        "OAUTHBEARER" => "check where tokens come from, and that the broker expects their issuer, audience and scope",
        _ => $"check sasl.username, sasl.password and that the broker takes sasl.mechanism={mechanism}",
    };
}
