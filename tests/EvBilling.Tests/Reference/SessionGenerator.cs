using CsCheck;

namespace EvBilling.Tests.Reference;

/// <summary>The lines of one session, all of them valid, in an order of arrival, and what else decides its bill's start.</summary>
internal sealed record GeneratedSession(IReadOnlyList<string> Lines, bool ClosedByPolicy, decimal? MaxPowerW, TimeSpan MaxSession)
{
    public override string ToString() =>
        $"closed {ClosedByPolicy}, power {MaxPowerW}, at most {MaxSession}:\n{string.Join('\n', Lines)}\n";
}

/// <summary>
/// Sessions as the field sends them: most of them plausible, then spoilt. Values come from small lists, so that they collide often.
/// </summary>
internal static class SessionGenerator
{
    private const long Minute = 60_000;

    private static readonly Gen<long> Gap = Gen.Frequency(
        (14, Gen.OneOf(15 * Minute, 30 * Minute, 60 * Minute)),
        (5, Gen.OneOf(0L, 500, 1000, 30_000, Minute, Minute + 1)),
        (1, Gen.OneOf(8 * 60 * Minute, 32L * 24 * 60 * Minute)));

    /// <summary>In an hour a 400 kW connector gives 400 kWh; without an hour, 50 kWh is the most that is believed.</summary>
    private static readonly Gen<long> Rise = Gen.Frequency(
        (14, Gen.OneOf(1L, 500_000, 2_500_000, 7_500_001)),
        (5, Gen.Const(0L)),
        (1, Gen.OneOf(50_000_000L, 50_000_001, 401_000_000)));

    private static readonly Gen<string?> State =
        Gen.OneOf(null, null, "Charging", "Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle");

    private static readonly Gen<(long Gap, long Rise, string? State)> Step = Gen.Select(Gap, Rise, State);

    /// <summary>Started, some updates, ended; bits say whether there are event_ids, sequence numbers, states.</summary>
    private static readonly Gen<List<EventDraft>> Plausible = Gen.Select(Step.Array[1, 6], Gen.Int[0, 15], Gen.Bool, (steps, bits, hasEnd) =>
    {
        var events = new List<EventDraft>();
        long time = 0, meter = (bits & 8) == 0 ? 0 : 1_234_567;
        for (int i = 0; i <= steps.Length; i++)
        {
            (long gap, long rise, string? state) = i == 0 ? (0, 0, null) : steps[i - 1];
            time += gap;
            meter += rise;
            events.Add(new EventDraft
            {
                Type = i == 0 ? "started" : i == steps.Length && hasEnd ? "ended" : "updated",
                EventId = (bits & 1) == 0 ? "e" + i : null,
                Sequence = (bits & 2) == 0 ? i : null,
                Time = time,
                Meter = meter,
                State = (bits & 4) == 0 ? state : null,
                Station = "S1",
                Connector = i == 0 ? "1" : null,
                Token = i == 0 ? "T1" : null,
                Tariff = i == 0 && (bits & 8) == 0 ? "A" : null,
            });
        }

        return events;
    });

    private static readonly Gen<EventDraft> Chaotic = Gen.Select(
        Gen.Select(Gen.OneOf("started", "updated", "updated", "updated", "ended"), Rare("e0", "e1", "e2"), Number(null, null, 0, 1, 2)),
        Gen.Select(Gen.OneOf(0L, 30_000, Minute, 2 * Minute, 60 * Minute), Number(null, 0, 1000, 5_000_000, 60_000_000), State),
        Gen.Select(Rare("T1", "T2"), Rare("A", "B"), Rare("1", "2")),
        (a, b, c) => new EventDraft
        {
            Type = a.Item1,
            EventId = a.Item2,
            Sequence = a.Item3,
            Time = b.Item1,
            Meter = b.Item2,
            State = b.Item3,
            Token = c.Item1,
            Tariff = c.Item2,
            Connector = c.Item3,
        });

    private static readonly Gen<EventDraft> Whole = Gen.Select(
        Gen.OneOf(0L, Minute, 60 * Minute), Gen.OneOf(0L, 60 * Minute, 120 * Minute, 40L * 24 * 60 * Minute),
        Number(null, -Minute, 0, 45 * Minute, 60 * Minute, 180 * Minute), Number(null, 0, 7_000_000, 30_000_000, 900_000_000),
        Number(null, null, 0, 60 * Minute), State, Gen.OneOf(null, "T1", "T2"), Gen.OneOf(null, null, "e0", "e9"),
        (start, end, chargingEnd, energy, time, state, token, id) => new EventDraft
        {
            Type = "completed",
            EventId = id,
            StartedAt = start,
            EndedAt = end,
            ChargingEndedAt = chargingEnd,
            Energy = energy,
            Time = time,
            State = state,
            Token = token,
            Location = "L1",
            Tariff = "A",
        });

    private static readonly Gen<List<EventDraft>> Base = Gen.Frequency(
        (6, Plausible),
        (3, Chaotic.List[1, 7]),
        (1, Whole.List[1, 2]),
        (1, Gen.Select(Plausible, Whole.List[1, 2], (events, whole) => events.Concat(whole).ToList())));

    private static readonly Gen<(int Kind, int Index, int Value)> Spoiling = Gen.Select(Gen.Int[0, EventSpoiling.KindLast], Gen.Int[0, 20], Gen.Int[0, 11]);

    public static readonly Gen<GeneratedSession> Session = Gen.Select(
        Base, Spoiling.Array[0, 4], Gen.Int[0, 100_000], Gen.Bool, Gen.OneOf<decimal?>(null, null, 22_000m, 3_680.5m, 350_000m), Gen.Int[0, 4],
        (events, spoilings, seed, isClosed, power, days) =>
        {
            foreach ((int kind, int index, int value) in spoilings) EventSpoiling.Apply(events, kind, index, value);
            // A seed of 0 keeps order and spelling plain, which is what a failure shrinks to.
            IEnumerable<string> lines = events.Select((draft, i) => EventSpelling.Spell(draft.Completed(), seed == 0 ? 0 : seed + i));
            var random = new Random(seed);
            if (seed % 2 == 1) lines = lines.OrderBy(_ => random.Next());
            return new GeneratedSession([.. lines], isClosed, power, TimeSpan.FromDays(days == 4 ? 1 : 31));
        });

    /// <summary>The same lines as they might come another time: in another order, some of them twice.</summary>
    public static readonly Gen<(GeneratedSession Session, IReadOnlyList<string> Again)> SessionTwice = Gen.Select(Session, Gen.Int, (session, seed) =>
    {
        var random = new Random(seed);
        IEnumerable<string> twice = session.Lines.Concat(session.Lines.Where(_ => random.Next(3) == 0));
        return (session, (IReadOnlyList<string>)[.. twice.OrderBy(_ => random.Next())]);
    });

    private static Gen<string?> Rare(params string?[] values) => Gen.Frequency((5, Gen.Const((string?)null)), (1, Gen.OneOf(values)));

    private static Gen<long?> Number(params long?[] values) => Gen.OneOf(values);
}
