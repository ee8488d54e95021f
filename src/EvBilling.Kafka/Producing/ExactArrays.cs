namespace EvBilling.Kafka.Producing;

/// <summary>Arrays of exact lengths, one of each, made once: the library takes whole arrays only, and copies them at once.</summary>
internal sealed class ExactArrays
{
    /// <summary>Longer ones are rare, and not kept.</summary>
    private const int KeptBytesMax = 4096;

    private readonly byte[]?[] _byLength = new byte[KeptBytesMax + 1][];

    /// <summary>The bytes in an array that holds until the next call.</summary>
    public byte[] Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > KeptBytesMax)
        {
            return bytes.ToArray();
        }
        var array = _byLength[bytes.Length] ??= new byte[bytes.Length];
        bytes.CopyTo(array);
        return array;
    }
}
