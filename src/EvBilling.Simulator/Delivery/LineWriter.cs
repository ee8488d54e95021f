namespace EvBilling.Simulator;

/// <summary>Gathers lines into large writes. <see cref="Flush"/> writes what is left.</summary>
internal sealed class LineWriter(Stream to) : IEventSink
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _length;

    public void Accept(in SimulatedEvent simulated) => Write(simulated.Json);

    /// <summary>Writes a line, shorter than the buffer, and its end.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        if (_buffer.Length - _length <= line.Length)
        {
            Flush();
        }

        line.CopyTo(_buffer.AsSpan(_length));
        _length += line.Length;
        _buffer[_length++] = (byte)'\n';
    }

    public void Flush()
    {
        to.Write(_buffer, 0, _length);
        to.Flush();
        _length = 0;
    }
}
