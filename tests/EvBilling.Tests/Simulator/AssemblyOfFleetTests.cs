using System.Text;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Sessions;

namespace EvBilling.Tests.Simulator;

/// <summary>The fleet's truth against the domain, which knows nothing of it.</summary>
public sealed class AssemblyOfFleetTests
{
    private const long MaxSessionNs = 31L * 86_400 * 1_000_000_000;

    private static readonly Dictionary<string, LocationsTests.Connector> Connectors = LocationsTests.ConnectorsOf(SeenFleet.FaultlessWeek.Options);

    [Fact]
    public void A_faultless_fleet_is_assembled_into_its_truth_without_a_flag()
    {
        var assembled = Assemble(SeenFleet.FaultlessWeek);
        Assert.All(SeenFleet.FaultlessWeek.Truth, t =>
        {
            Assert.Equal((t.EnergyWh, t.ChargingS, t.ParkingS, t.WaitingS), assembled[t.SessionId].Amounts);
            Assert.Equal(BillFlag.None, assembled[t.SessionId].Flags);
        });
    }

    [Fact]
    public void A_fleet_in_the_field_is_assembled_into_its_truth_but_for_what_is_lost()
    {
        var assembled = Assemble(SeenFleet.FieldWeek);
        Assert.All(SeenFleet.FieldWeek.Truth, t =>
        {
            var (amounts, flags) = assembled[t.SessionId];
            if (!t.Faults.Any(fault => fault is "LostStart" or "LostStop" or "LostStateChange"))
            {
                Assert.Equal((t.EnergyWh, t.ChargingS, t.ParkingS, t.WaitingS), amounts);
            }

            var expected = (t.Faults.Contains("MeterReset") ? BillFlag.MeterReset : BillFlag.None)
                | (t.Faults.Contains("LostStart") ? BillFlag.StartMissing : BillFlag.None)
                | (t.Faults.Contains("LostStop") ? BillFlag.ClosedByPolicy : BillFlag.None);
            Assert.Equal(expected, flags);
        });
    }

    private static Dictionary<string, ((long EnergyWh, int ChargingS, int ParkingS, int WaitingS) Amounts, BillFlag Flags)> Assemble(SeenFleet fleet)
    {
        var assembler = new SessionAssembler();
        var buffer = new EventBuffer();
        return fleet.Events.GroupBy(e => e.SessionId).ToDictionary(events => events.Key, events =>
        {
            var record = new SessionRecord(Encoding.UTF8.GetBytes(events.Key));
            foreach (var seen in events)
            {
                buffer.Clear();
                Assert.Equal(default, ChargingEventReader.Read(buffer, buffer.Append(Encoding.UTF8.GetBytes(seen.Line)), out var read));
                record.Add(read, buffer.Bytes);
            }

            assembler.Begin(record);
            var session = assembler.Complete(isClosed: true, Connectors[events.First().Station].MaxPowerW * 1_000, MaxSessionNs);
            return ((session.EnergyMwh / 1_000, Seconds(session.ChargingNs), Seconds(session.ParkingNs), Seconds(session.WaitingNs)), session.Flags);
        });

        static int Seconds(long ns) => (int)(ns / 1_000_000_000);
    }
}
