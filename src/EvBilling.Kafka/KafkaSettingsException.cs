namespace EvBilling.Kafka;

/// <summary>Settings for Kafka cannot be used. The message says which, why and how to mend it, and holds no secret.</summary>
public sealed class KafkaSettingsException(string message) : Exception(message);
