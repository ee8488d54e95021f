using System.Text;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Tests.Sessions;

/// <summary>Lines to records and to what the assembler makes of them.</summary>
internal static class Assembling
{
    private const decimal DefaultPowerW = 400_000;

    public static SessionRecord Record(IEnumerable<string> lines, string sessionId = "s")
    {
        var record = new SessionRecord(Encoding.UTF8.GetBytes(sessionId));
        foreach (var line in lines)
        {
            Add(record, line);
        }
        return record;
    }

    public static AddOutcome Add(SessionRecord record, string line)
    {
        var buffer = new EventBuffer();
        var refusal = ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(line)), out var e);
        Assert.False(refusal.IsRefused, $"{refusal.Code}: {line}");
        return record.Add(e, buffer.Bytes);
    }

    public static AssembledSession Assemble(SessionRecord record, bool isClosed = false, decimal? maxPowerW = null, TimeSpan? maxSession = null)
    {
        var assembler = new SessionAssembler();
        assembler.Begin(record);
        return assembler.Complete(isClosed, (long)((maxPowerW ?? DefaultPowerW) * 1000), (maxSession ?? TimeSpan.FromDays(31)).Ticks * 100);
    }

    public static string? Text(SessionRecord record, int text) => text == 0 ? null : Encoding.UTF8.GetString(record.Text(text));

    public static string Status(AssembledSession session, bool isClosed) =>
        !session.HasEnded && !isClosed ? "open" : (session.Flags & BillFlag.Holding) != 0 ? "held" : "final";
}
