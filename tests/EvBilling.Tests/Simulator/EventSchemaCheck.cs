using System.Text.Json;
using NodaTime.Text;

namespace EvBilling.Tests.Simulator;

/// <summary>The rules of charging-event.schema.json, written down once more: what is wrong with an event, or null.</summary>
internal static class EventSchemaCheck
{
    private static readonly string[] Types = ["started", "updated", "ended", "completed"];
    private static readonly string[] States = ["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"];

    private static readonly string[] Triggers =
    [
        "AbnormalCondition", "Authorized", "CablePluggedIn", "ChargingRateChanged", "ChargingStateChanged", "Deauthorized", "EnergyLimitReached",
        "EVCommunicationLost", "EVConnectTimeout", "EVDeparted", "EVDetected", "MeterValueClock", "MeterValuePeriodic", "RemoteStart", "RemoteStop",
        "ResetCommand", "SignedDataReceived", "StopAuthorized", "TimeLimitReached", "Trigger", "UnlockCommand",
    ];

    private static readonly string[] StoppedReasons =
    [
        "DeAuthorized", "EmergencyStop", "EnergyLimitReached", "EVDisconnected", "GroundFault", "ImmediateReset", "Local", "LocalOutOfCredit", "MasterPass",
        "Other", "OvercurrentFault", "PowerLoss", "PowerQuality", "Reboot", "Remote", "SOCLimitReached", "StoppedByEV", "TimeLimitReached", "Timeout",
    ];

    public static string? Fault(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var members = root.EnumerateObject().Select(member => member.Name).ToArray();
        if (members.Length != members.Distinct().Count())
        {
            return "a member stands twice";
        }

        foreach (string needed in new[] { "type", "session_id", "timestamp" })
        {
            if (!members.Contains(needed))
            {
                return $"{needed} is missing";
            }
        }

        return root.EnumerateObject().Where(member => !IsValid(member)).Select(member => $"{member.Name} is {member.Value}").FirstOrDefault();
    }

    private static bool IsValid(JsonProperty member) => member.Name switch
    {
        "type" => IsOneOf(member.Value, Types),
        "charging_state" => IsOneOf(member.Value, States),
        "trigger_reason" => IsOneOf(member.Value, Triggers),
        "stopped_reason" => IsOneOf(member.Value, StoppedReasons),
        "event_id" or "session_id" => IsText(member.Value, 1, 64),
        "location_id" or "station_id" or "evse_id" or "tariff_id" or "token_id" => IsText(member.Value, 1, 64),
        "connector_id" => IsText(member.Value, 1, 36),
        "timestamp" => IsText(member.Value, 20, 20) && InstantPattern.General.Parse(member.Value.GetString()!).Success,
        "sequence_number" => member.Value.TryGetInt32(out int number) && number >= 0,
        "meter_wh" => member.Value.TryGetInt64(out long wh) && wh >= 0,
        "power_w" or "current_a" => member.Value.ValueKind == JsonValueKind.Number,
        "offline" => member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => false,
    };

    private static bool IsOneOf(JsonElement value, string[] names) => value.ValueKind == JsonValueKind.String && names.Contains(value.GetString());

    private static bool IsText(JsonElement value, int least, int most) =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Length >= least && value.GetString()!.Length <= most;
}
