namespace EvBilling.Cli.Pricing;

/// <summary>Whole lines of a text, many at once.</summary>
/// <param name="Bytes">UTF-8, each line with its end; empty where <paramref name="IsTooLong"/>.</param>
/// <param name="IsTooLong">It stands for one line that is longer than <see cref="LineChunks.LineBytesMax"/>.</param>
internal readonly record struct LineChunk(byte[] Bytes, bool IsTooLong);

/// <summary>Takes a stream apart into lines in bounded memory. Lines are handed on as soon as they are there, so that another program may wait for answers.</summary>
internal static class LineChunks
{
    public const int LineBytesMax = 16 << 20;

    private const int FirstBytes = 1 << 18;
    private const byte LineEnd = (byte)'\n';

    public static IEnumerable<LineChunk> Read(Stream input)
    {
        var buffer = new byte[FirstBytes];
        var (length, isSkipping) = (0, false);
        while (true)
        {
            var read = input.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                break;
            }
            var end = Array.LastIndexOf(buffer, LineEnd, length + read - 1, read);
            length += read;
            var begin = 0;
            if (isSkipping)
            {
                begin = Array.IndexOf(buffer, LineEnd, 0, length) + 1;
                isSkipping = begin == 0;
                if (isSkipping)
                {
                    length = 0;
                    continue;
                }
            }
            if (end >= begin)
            {
                yield return new(buffer[begin..(end + 1)], false);
                begin = end + 1;
            }
            length -= begin;
            Buffer.BlockCopy(buffer, begin, buffer, 0, length);
            if (length == buffer.Length)
            {
                if (length >= LineBytesMax)
                {
                    yield return new([], true);
                    (length, isSkipping) = (0, true);
                    continue;
                }
                Array.Resize(ref buffer, length * 2);
            }
        }
        if (length > 0)
        {
            yield return new(buffer[..length], false);
        }
    }
}
