using System.Buffers;
using System.Collections.Concurrent;

namespace EvBilling.Cli.Pricing;

/// <summary>Answers a line with a line: on all cores, in the order of the input, in bounded memory.</summary>
internal static class OrderedLines
{
    /// <summary>Reads lines until their end and writes the answers.</summary>
    /// <param name="newWorker">Makes what answers; one is never used by two threads at once.</param>
    /// <param name="stop">What was read is still answered.</param>
    /// <exception cref="IOException">The input breaks off, or the output can't be written.</exception>
    public static void Answer(Stream input, Stream output, Func<ILineWorker> newWorker, CancellationToken stop)
    {
        var idle = new ConcurrentBag<ILineWorker>();
        using var inOrder = new BlockingCollection<Task<byte[]>>(2 * Environment.ProcessorCount);
        // A read from a terminal or a pipe may wait for ever: it is left behind.
        using var stopping = stop.Register(inOrder.CompleteAdding);
        var reading = Task.Run(() => ReadAll(input, inOrder, Answered), CancellationToken.None);
        foreach (var answered in inOrder.GetConsumingEnumerable(CancellationToken.None))
        {
            output.Write(answered.GetAwaiter().GetResult());
            if (inOrder.Count == 0)
            {
                output.Flush();
            }
        }
        if (!stop.IsCancellationRequested)
        {
            reading.GetAwaiter().GetResult();
        }

        byte[] Answered(LineChunk chunk)
        {
            var worker = idle.TryTake(out var free) ? free : newWorker();
            var answers = worker.Answers;
            answers.ResetWrittenCount();
            if (chunk.IsTooLong)
            {
                worker.AnswerTooLong();
            }
            ReadOnlyMemory<byte> rest = chunk.Bytes;
            while (!rest.IsEmpty)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var line = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                if (!line.Span.Trim(" \t\r"u8).IsEmpty)
                {
                    worker.Answer(line);
                }
            }
            var written = answers.WrittenSpan.ToArray();
            idle.Add(worker);
            return written;
        }
    }

    private static void ReadAll(Stream input, BlockingCollection<Task<byte[]>> inOrder, Func<LineChunk, byte[]> answered)
    {
        try
        {
            foreach (var chunk in LineChunks.Read(input))
            {
                if (inOrder.IsAddingCompleted)
                {
                    return;
                }
                inOrder.Add(Task.Run(() => answered(chunk)));
            }
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"The input can't be unpacked ({e.Message.TrimEnd('.')}); please pack it anew.", e);
        }
        catch (InvalidOperationException) when (inOrder.IsAddingCompleted)
        {
            // It was stopped meanwhile.
        }
        finally
        {
            inOrder.CompleteAdding();
        }
    }
}

/// <summary>Answers lines.</summary>
internal interface ILineWorker
{
    /// <summary>Where the answers are put, each with a line's end.</summary>
    ArrayBufferWriter<byte> Answers { get; }

    /// <summary>Answers a line that is not blank.</summary>
    void Answer(ReadOnlyMemory<byte> line);

    /// <summary>Answers a line that is too long to be read.</summary>
    void AnswerTooLong();
}
