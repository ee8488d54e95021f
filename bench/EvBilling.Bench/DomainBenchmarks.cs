using BenchmarkDotNet.Attributes;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Simulator;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Bench;

/// <summary>What the domain does per event and per session, over the events of a simulated day.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class DomainBenchmarks
{
    private readonly EventBuffer _buffer = new(1 << 20);
    private readonly List<TextSlice> _lines = [];
    private readonly List<SessionRecord> _records = [];
    private readonly List<ChargingEvent[]> _sessions = [];
    private Biller _biller = null!;
    private int _next;

    [GlobalSetup]
    public void Simulate()
    {
        var fleet = new FleetSimulation(new SimulationOptions { Stations = 200, Hours = 24, StateTariffs = true });
        using var output = new MemoryStream();
        fleet.WriteEvents(output);
        foreach (var line in output.ToArray().AsSpan().TrimEnd((byte)'\n').ToArray().Split())
        {
            _lines.Add(_buffer.Append(line));
        }
        var sessions = new Dictionary<string, List<ChargingEvent>>();
        foreach (var line in _lines)
        {
            ChargingEventReader.Read(_buffer, line, out var e);
            var id = Convert.ToHexString(e.SessionId.In(_buffer.Bytes));
            sessions.TryAdd(id, []);
            sessions[id].Add(e);
        }
        foreach (var events in sessions.Values)
        {
            var record = new SessionRecord(events[0].SessionId.In(_buffer.Bytes));
            events.ForEach(e => record.Add(e, _buffer.Bytes));
            if (record.HasEnded)
            {
                _records.Add(record);
                _sessions.Add([.. events]);
            }
        }
        _biller = new Biller(
            new TariffBook<BillableTariff>(TariffDocument.Read(fleet.TariffsJson()).Select((entry, index) => new TariffVersion<BillableTariff>
            {
                Id = entry.Id!,
                LoadedSequence = index + 1,
                ContentHash = entry.Id!,
                Payload = new(CompiledTariff.TryCompile(entry.Tariff!, null, out var compiled, out var refusal) ? compiled : null, refusal),
            })),
            new LocationBook(LocationDocument.Read(fleet.LocationsJson()).Select(entry => entry.Location!)),
            new BillingOptions());
    }

    /// <summary>One event from its JSON text, about 360 bytes.</summary>
    [Benchmark]
    public EventRefusal ReadAnEvent() => ChargingEventReader.Read(_buffer, _lines[_next = (_next + 1) % _lines.Count], out _);

    /// <summary>A session's 21 events or so, added to an empty record.</summary>
    [Benchmark]
    public SessionRecord AddASession()
    {
        var record = new SessionRecord("s"u8);
        foreach (ref readonly var e in _sessions[_next = (_next + 1) % _sessions.Count].AsSpan())
        {
            record.Add(e, _buffer.Bytes);
        }
        return record;
    }

    /// <summary>A session assembled, cut, rated and rounded.</summary>
    [Benchmark]
    public Bill MakeABill() => _biller.Make(_records[_next = (_next + 1) % _records.Count], false, null);
}

internal static class Lines
{
    public static IEnumerable<byte[]> Split(this byte[] text)
    {
        var from = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '\n')
            {
                yield return text[from..i];
                from = i + 1;
            }
        }
    }
}
