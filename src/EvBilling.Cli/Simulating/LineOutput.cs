using EvBilling.Simulator;
using NodaTime;

namespace EvBilling.Cli.Simulating;

/// <summary>Lines of a file or of standard output that someone may be watching: they go out before every wait.</summary>
internal sealed class LineOutput(Stream to) : IEventOutput
{
    private const int BufferBytes = 64 * 1024;

    private readonly BufferedStream _lines = new(to, BufferBytes);
    private long _events;

    public long Events => Volatile.Read(ref _events);

    public void Write(in SimulatedEvent simulated)
    {
        _lines.Write(simulated.Json);
        _lines.WriteByte((byte)'\n');
        Volatile.Write(ref _events, _events + 1);
    }

    public void Idle(Instant reached) => _lines.Flush();

    public void Finish(bool isStopped) => _lines.Flush();

    public void Dispose() => _lines.Dispose();
}
