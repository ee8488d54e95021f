namespace EvBilling.Kafka;

/// <summary>Settings for Kafka's Java client.</summary>
/// <param name="Properties">By their names there; there may be secrets in them, or references to some.</param>
/// <param name="SecretVariables">The environment variables that ${NAME} refers to.</param>
public sealed record JavaClientSettings(IReadOnlyDictionary<string, string> Properties, IReadOnlyList<string> SecretVariables);
