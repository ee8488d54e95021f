using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EvBilling.Tests.Reference;

/// <summary>
/// A message of the older system, written from contracts.md ("Older system") and docs/charging-event.md: {charger_id, charger_type, start_time, end_time,
/// duration_minutes, energy_consumed (kWh), phone_number, email}.
/// </summary>
internal sealed partial record ReferenceOlderMessage
{
    public required string ChargerId { get; init; }

    public required long StartTime { get; init; }

    public required long EndTime { get; init; }

    public required long EnergyMwh { get; init; }

    /// <summary>Null = none; then it was absent, null, empty or blanked.</summary>
    public string? PhoneNumber { get; init; }

    public string? Email { get; init; }

    public string SessionId
    {
        get
        {
            string start = DateTime.UnixEpoch.AddSeconds(StartTime / ReferenceTime.Second).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
            string id = ChargerId + "@" + start;
            return id.EnumerateRunes().Count() <= 64 ? id : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..40];
        }
    }

    /// <summary>Without the contact data, which is no part of the event.</summary>
    public ReferenceEvent ToEvent() => new()
    {
        Type = ReferenceType.Completed,
        SessionId = SessionId,
        EvseId = ChargerId,
        StartedAt = StartTime,
        EndedAt = EndTime,
        Energy = EnergyMwh,
    };

    public static bool Is(ReferenceMembers members) => !members.Has("type") && members.Has("charger_id");

    /// <summary>The initializer runs as it is written: in the order of the contract's list.</summary>
    public static ReferenceOlderMessage Read(ReferenceMembers members) => new()
    {
        ChargerId = members.Text("charger_id", 1, 64)!,
        StartTime = Time(members, "start_time"),
        EndTime = Time(members, "end_time"),
        EnergyMwh = members.Required("energy_consumed").Number("energy_consumed", 999_999_999_999, false, 3)!.Value,
        PhoneNumber = Contact(members, "phone_number", 64),
        Email = Contact(members, "email", 254),
    };

    private static long Time(ReferenceMembers members, string name)
    {
        string text = members.Required(name).AnyText(name)!;
        Match match = Pattern().Match(text);
        string seconds = match.Groups["seconds"].Success ? match.Groups["seconds"].Value : ":00";
        string zone = match.Groups["zone"].Success ? match.Groups["zone"].Value : "Z";
        string full = match.Groups["date"].Value + "T" + match.Groups["minutes"].Value + seconds + zone;
        if (!ReferenceTime.TryParse(full, out long? nanoseconds)) throw new ReferenceRefusal("WrongType:" + name);
        return nanoseconds ?? throw new ReferenceRefusal("OutOfRange:" + name);
    }

    private static string? Contact(ReferenceMembers members, string name, int lengthMax)
    {
        if (members.IsNull(name) || members.AnyText(name) is not string text || text.All(c => c == '*')) return null;
        return members.Text(name, 1, lengthMax);
    }

    // What does not match leaves all groups empty, and that is no date-time.
    [GeneratedRegex("^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<minutes>[0-9]{2}:[0-9]{2})(?<seconds>:[0-9]{2}([.][0-9]+)?)?(?<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?\\z")]
    private static partial Regex Pattern();
}
