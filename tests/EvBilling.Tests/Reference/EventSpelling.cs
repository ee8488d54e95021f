using System.Globalization;
using System.Text;

namespace EvBilling.Tests.Reference;

/// <summary>
/// One of the many ways to write an event down: member order, offsets, fractions, escapes, exponents, spaces, unknown members.
/// None of them changes what it says; a seed chooses.
/// </summary>
internal sealed class EventSpelling
{
    private static readonly DateTime Base = new(2026, 1, 5, 10, 0, 0, DateTimeKind.Utc);

    private readonly Random? _random;

    /// <param name="seed">0 = the plain way.</param>
    private EventSpelling(int seed) => _random = seed == 0 ? null : new Random(seed);

    public static string Spell(EventDraft draft, int seed) => new EventSpelling(seed).Spell(draft);

    private string Spell(EventDraft draft)
    {
        List<(string Name, string? Json)> members =
        [
            ("type", Text(draft.Type)), ("event_id", Text(draft.EventId)), ("session_id", Text("s")), ("sequence_number", Sequence(draft.Sequence)),
            ("timestamp", Time(draft.Time)), ("location_id", Text(draft.Location)), ("station_id", Text(draft.Station)), ("evse_id", Text(draft.Evse)),
            ("connector_id", Text(draft.Connector)), ("tariff_id", Text(draft.Tariff)), ("token_id", Text(draft.Token)),
            ("charging_state", Text(draft.State)), ("trigger_reason", Text(draft.Trigger)), ("stopped_reason", Text(draft.Stopped)),
            ("offline", draft.Offline is bool offline ? (offline ? "true" : "false") : null), ("meter_wh", Number(draft.Meter)),
            ("power_w", Number(draft.Power)), ("current_a", Number(draft.Current)), ("started_at", Time(draft.StartedAt)),
            ("ended_at", Time(draft.EndedAt)), ("charging_ended_at", Time(draft.ChargingEndedAt)), ("energy_wh", Number(draft.Energy)),
        ];
        members.RemoveAll(member => member.Json is null);
        if (OneIn(4)) members = [.. members.OrderBy(_ => _random!.Next())];
        if (OneIn(10)) members.Insert(_random!.Next(members.Count + 1), ("vendor", "{\"type\":[null,{\"meter_wh\":-1}]}"));
        // The last of two members of one name counts, so nonsense may stand before it.
        if (OneIn(15)) members.Insert(0, (members[^1].Name, "[]"));

        string space = OneIn(6) ? " " : "";
        var text = new StringBuilder(space + "{");
        foreach ((string name, string? json) in members)
        {
            if (text.Length > space.Length + 1) text.Append(',').Append(space);
            text.Append(OneIn(20) ? Escaped(name) : Quoted(name)).Append(space).Append(':').Append(space).Append(json);
        }

        return text.Append('}').Append(space).ToString();
    }

    private string? Text(string? value) => value is null ? null : OneIn(12) ? Escaped(value) : Quoted(value);

    private string? Sequence(long? value)
    {
        if (value is null) return null;
        string plain = value.Value.ToString(CultureInfo.InvariantCulture);
        return Either(12, plain, plain + ".0", plain + "e0", value == 0 ? "0E-1" : plain + "0E-1", plain + ".00e+0");
    }

    private string? Number(long? thousandths)
    {
        if (thousandths is null) return null;
        string plain = (thousandths.Value / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        string full = (thousandths.Value / 1000m).ToString("0.000", CultureInfo.InvariantCulture);
        // 0.0004 is rounded away, on either side of zero.
        return Either(8, plain, full, full + "4", full + "00e0", thousandths.Value.ToString(CultureInfo.InvariantCulture) + "e-3");
    }

    private string? Time(long? milliseconds)
    {
        if (milliseconds is null) return null;
        int offsetMinutes = OneIn(5) ? (OneIn(2) ? 120 : -330) : 0;
        DateTime local = Base.AddMilliseconds(milliseconds.Value).AddMinutes(offsetMinutes);
        string fraction = local.Millisecond == 0
            ? Either(8, "", ".0", ".000000000", ".0000000009")
            : "." + local.ToString("fff", CultureInfo.InvariantCulture).TrimEnd('0') + Either(8, "", "0", "00000000", "0000000009");
        string offset = offsetMinutes switch { 120 => "+02:00", -330 => "-05:30", _ => Either(10, "Z", "z", "+00:00", "-00:00") };
        return Quoted(local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + Either(20, "T", "t")
            + local.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + fraction + offset);
    }

    private bool OneIn(int n) => _random is not null && _random.Next(n) == 0;

    /// <summary>Mostly the usual, one time in n one of the others.</summary>
    private string Either(int n, string usual, params string[] others) => OneIn(n) ? others[_random!.Next(others.Length)] : usual;

    /// <summary>Generated texts hold nothing that has to be escaped.</summary>
    private static string Quoted(string value) => "\"" + value + "\"";

    private static string Escaped(string value) =>
        "\"" + string.Concat(value.Select((c, i) => i % 3 == 0 || c > 'z' ? $"\\u{(int)c:x4}" : c.ToString())) + "\"";
}
