using Confluent.Kafka;
using EvBilling.Events;

namespace EvBilling.Kafka.Reading;

/// <summary>Where a message's value stands in a block.</summary>
/// <param name="Length">Its full length in bytes; of an oversized one only the beginning is kept.</param>
internal readonly record struct RecordText(TextSlice Text, int Length);

/// <summary>Copies values straight into the block that is being filled, so that no message costs an array.</summary>
internal sealed class RecordTextDeserializer : IDeserializer<RecordText>
{
    private const int KeptBytesMax = ChargingEventReader.MaxBytes + 1;

    public EventBuffer To { get; set; } = null!;

    // A message without a value says as little as an empty one.
    public RecordText Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? default : new(To.Append(data[..Math.Min(data.Length, KeptBytesMax)]), data.Length);
}
