using CsCheck;
using EvBilling.Billing;
using EvBilling.Events;
using EvBilling.Tests.Reference;

namespace EvBilling.Tests.Sessions;

/// <summary>Our reader and assembler against the reference that was written from the contract alone.</summary>
public class Reference_agreement_tests
{
    private static readonly long Iterations = Environment.GetEnvironmentVariable("EVBILLING_LONG") == "1" ? 200_000 : 5_000;

    [Fact]
    public void A_session_is_assembled_as_the_reference_assembles_it() => SessionGenerator.Session.Sample(
        session =>
        {
            var expected = ReferenceAssembly.Assemble(session.Lines, session.ClosedByPolicy, session.MaxPowerW, session.MaxSession);
            var ours = Describe(session, expected);
            if (expected.IsConflicting)
            {
                Assert.Contains("ConflictingDuplicate", ours.Flags);
                Assert.Equal(expected.Status, ours.Status);
                return;
            }
            Assert.Equal(expected.ToString(), ours.ToString());
        },
        iter: Iterations);

    [Fact]
    public void Order_and_repetition_of_events_do_not_matter() => SessionGenerator.SessionTwice.Sample(
        twice =>
        {
            var (session, again) = twice;
            var first = Assembling.Record(session.Lines);
            var second = Assembling.Record(again);
            Assert.Equal(Convert.ToHexString(first.ToBytes()), Convert.ToHexString(second.ToBytes()));
            Assert.True(first.Contains(second) && second.Contains(first));
        },
        iter: Iterations);

    [Fact]
    public void Merging_is_associative_commutative_and_idempotent() => Gen.Select(SessionGenerator.Session, Gen.Int[0, 9], Gen.Int[0, 9]).Sample(
        (session, a, b) =>
        {
            var (low, high) = (Math.Min(a, b) % (session.Lines.Count + 1), Math.Max(a, b) % (session.Lines.Count + 1));
            (low, high) = (Math.Min(low, high), Math.Max(low, high));
            string[][] parts = [[.. session.Lines.Take(low)], [.. session.Lines.Skip(low).Take(high - low)], [.. session.Lines.Skip(high)]];
            var expected = Convert.ToHexString(Assembling.Record(session.Lines).ToBytes());
            foreach (var order in (int[][])[[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 1, 0, 2, 2]])
            {
                var merged = Assembling.Record([]);
                foreach (var part in order)
                {
                    merged.Merge(Assembling.Record(parts[part]));
                }
                Assert.Equal(expected, Convert.ToHexString(merged.ToBytes()));
                Assert.False(merged.Merge(merged), "a record that is merged with itself does not change");
            }
        },
        iter: Iterations);

    [Fact]
    public void The_stored_form_gives_the_same_record_back_and_takes_more_events() => Gen.Select(SessionGenerator.Session, Gen.Int[0, 9]).Sample(
        (session, cut) =>
        {
            var whole = Assembling.Record(session.Lines);
            var bytes = whole.ToBytes();
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(EvBilling.Sessions.SessionRecord.Parse("s"u8, bytes).ToBytes()));
            var begun = EvBilling.Sessions.SessionRecord.Parse("s"u8, Assembling.Record(session.Lines.Take(cut)).ToBytes());
            foreach (var line in session.Lines)
            {
                Assembling.Add(begun, line);
            }
            Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(begun.ToBytes()));
        },
        iter: Iterations);

    [Fact]
    public void A_line_is_refused_for_the_reason_that_the_reference_names() => LineGenerator.Line.Sample(
        line =>
        {
            var buffer = new EventBuffer();
            var refusal = ChargingEventReader.Read(buffer, buffer.Append(line), out var e);
            var expected = ReferenceValidation.Read(line, out var read);
            Assert.Equal(expected ?? "None", refusal.IsRefused ? refusal.Code : "None");
            if (read is not null)
            {
                Assert.Equal(read.SessionId, Text(e.SessionId, buffer));
                Assert.Equal(
                    (read.StartedAt ?? 0, read.EndedAt ?? 0, read.Energy ?? 0, read.EvseId ?? ""), (e.StartedAtNs, e.EndedAtNs, e.EnergyMwh, Text(e.EvseId, buffer)));
                var older = ReferenceValidation.ReadOlder(line);
                Assert.Equal((older?.PhoneNumber ?? "", older?.Email ?? ""), (Text(e.PhoneNumber, buffer), Text(e.Email, buffer)));
            }
        },
        iter: Iterations * 4,
        print: line => System.Text.Encoding.UTF8.GetString(line));

    private static string Text(TextSlice text, EventBuffer buffer) => System.Text.Encoding.UTF8.GetString(text.In(buffer.Bytes));

    private static ReferenceSession Describe(GeneratedSession session, ReferenceSession expected)
    {
        var record = Assembling.Record(session.Lines);
        var ours = Assembling.Assemble(record, session.ClosedByPolicy, session.MaxPowerW, session.MaxSession);
        var isOver = ours.HasEnded || session.ClosedByPolicy;
        string? Id(int text, string member, string? tied) => expected.TiedIds.Contains(member) ? tied : Assembling.Text(record, text);
        return new ReferenceSession
        {
            SessionId = record.SessionId,
            Status = Assembling.Status(ours, session.ClosedByPolicy),
            Flags = [.. BillFlagNames.Of(ours.Flags)],
            StartedAt = ours.StartNs,
            EndedAt = isOver ? ours.EndNs : null,
            EnergyMwh = ours.IsEnergyKnown ? ours.EnergyMwh : null,
            ChargingNs = ours.ChargingNs,
            ParkingNs = ours.ParkingNs,
            WaitingNs = ours.WaitingNs,
            Readings = ours.Readings.Count,
            LocationId = Id(ours.LocationText, "location_id", expected.LocationId),
            StationId = Id(ours.StationText, "station_id", expected.StationId),
            EvseId = Id(ours.EvseText, "evse_id", expected.EvseId),
            ConnectorId = Id(ours.ConnectorText, "connector_id", expected.ConnectorId),
            TokenId = Id(ours.TokenText, "token_id", expected.TokenId),
            TariffId = Id(ours.TariffText, "tariff_id", expected.TariffId),
            TiedIds = expected.TiedIds,
            Events = [],
        };
    }
}
