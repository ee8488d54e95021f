using Confluent.Kafka;

namespace EvBilling.Kafka;

/// <summary>What the Kafka library logs, without secrets.</summary>
/// <param name="Level">As in syslog.</param>
/// <param name="Facility">The part of the library that reports, such as FAIL or REBALANCE.</param>
/// <param name="Text">What it says.</param>
public sealed record KafkaLogLine(SyslogLevel Level, string Facility, string Text);
