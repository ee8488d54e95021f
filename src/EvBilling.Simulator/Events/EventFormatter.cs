namespace EvBilling.Simulator;

/// <summary>Writes events as JSON lines into its own buffer; not for several threads.</summary>
internal sealed class EventFormatter(bool stateTariffs)
{
    private const int LineBytesMax = 1_024;

    private readonly byte[] _line = new byte[LineBytesMax];
    private readonly byte[] _sessionId = new byte[FleetIds.BytesMax];
    private TimestampFormatter _timestamps;
    private int _lineLength;
    private int _sessionIdLength;

    /// <summary>The event last formatted, one JSON object without a line end.</summary>
    public ReadOnlySpan<byte> Line => _line.AsSpan(0, _lineLength);

    /// <summary>Its session_id.</summary>
    public ReadOnlySpan<byte> SessionId => _sessionId.AsSpan(0, _sessionIdLength);

    public static void AppendSessionId(ref Utf8Cursor to, int station, int session)
    {
        to.Append("S-"u8);
        to.AppendNumber(station + 1);
        to.Append("-"u8);
        to.AppendNumber(session);
    }

    public void Format(in ReportedEvent reported)
    {
        var id = new Utf8Cursor(_sessionId);
        AppendSessionId(ref id, reported.Station, reported.Session);
        _sessionIdLength = id.Length;

        // Every member begins with its comma; the first one's becomes the brace.
        var to = new Utf8Cursor(_line);
        if (reported.OtherOrder)
        {
            AppendReading(ref to, reported);
            AppendPlace(ref to, reported);
            AppendReason(ref to, reported);
            AppendIdentity(ref to, reported);
        }
        else
        {
            AppendIdentity(ref to, reported);
            AppendPlace(ref to, reported);
            AppendReason(ref to, reported);
            AppendReading(ref to, reported);
        }

        to.Append("}"u8);
        _line[0] = (byte)'{';
        _lineLength = to.Length;
    }

    private static ReadOnlySpan<byte> Name(EventType type) => type switch
    {
        EventType.Started => "started"u8,
        EventType.Updated => "updated"u8,
        _ => "ended"u8,
    };

    private static ReadOnlySpan<byte> Name(ChargingState state) => state switch
    {
        ChargingState.Charging => "Charging"u8,
        ChargingState.EVConnected => "EVConnected"u8,
        ChargingState.SuspendedEV => "SuspendedEV"u8,
        ChargingState.SuspendedEVSE => "SuspendedEVSE"u8,
        _ => "Idle"u8,
    };

    private static ReadOnlySpan<byte> Name(TriggerReason reason) => reason switch
    {
        TriggerReason.MeterValuePeriodic => "MeterValuePeriodic"u8,
        TriggerReason.MeterValueClock => "MeterValueClock"u8,
        TriggerReason.ChargingStateChanged => "ChargingStateChanged"u8,
        TriggerReason.Authorized => "Authorized"u8,
        TriggerReason.CablePluggedIn => "CablePluggedIn"u8,
        TriggerReason.StopAuthorized => "StopAuthorized"u8,
        TriggerReason.RemoteStop => "RemoteStop"u8,
        _ => "EVDeparted"u8,
    };

    private static ReadOnlySpan<byte> Name(StoppedReason reason) => reason switch
    {
        StoppedReason.Local => "Local"u8,
        StoppedReason.Remote => "Remote"u8,
        _ => "EVDisconnected"u8,
    };

    private static void AppendReading(ref Utf8Cursor to, in ReportedEvent reported)
    {
        to.Append(",\"meter_wh\":"u8);
        to.AppendNumber(reported.MeterWh);
        if (reported.Type == EventType.Updated)
        {
            to.Append(",\"power_w\":"u8);
            to.AppendNumber(reported.PowerW);
            if (reported.CurrentTenthsA > 0)
            {
                to.Append(",\"current_a\":"u8);
                to.AppendTenths(reported.CurrentTenthsA);
            }
        }
    }

    private void AppendIdentity(ref Utf8Cursor to, in ReportedEvent reported)
    {
        to.Append(",\"type\":\""u8);
        to.Append(Name(reported.Type));
        to.Append("\",\"event_id\":\""u8);
        to.AppendNumber(reported.Session);
        to.Append("-"u8);
        to.AppendNumber(reported.Sequence);
        to.Append("\",\"session_id\":\""u8);
        to.Append(SessionId);
        to.Append("\",\"sequence_number\":"u8);
        to.AppendNumber(reported.Sequence);
        to.Append(",\"timestamp\":\""u8);
        _timestamps.Append(ref to, reported.TimestampUnixS);
        to.Append("\""u8);
    }

    private void AppendPlace(ref Utf8Cursor to, in ReportedEvent reported)
    {
        to.Append(",\"location_id\":\""u8);
        FleetIds.AppendLocation(ref to, reported.Site);
        to.Append("\",\"station_id\":\""u8);
        FleetIds.AppendStation(ref to, reported.Station + 1);
        to.Append("\",\"evse_id\":\""u8);
        FleetIds.AppendEvse(ref to, reported.Site, reported.Station + 1);
        if (stateTariffs && reported.Type == EventType.Started)
        {
            to.Append("\",\"tariff_id\":\""u8);
            to.AppendAscii(reported.Site.Profile.Connector.TariffId);
        }

        // 04 opens the unique number of every card of one large maker.
        to.Append("\",\"connector_id\":\"1\",\"token_id\":\"04"u8);
        to.AppendHex48(reported.Token);
        to.Append("\""u8);
    }

    private static void AppendReason(ref Utf8Cursor to, in ReportedEvent reported)
    {
        to.Append(",\"charging_state\":\""u8);
        to.Append(Name(reported.State));
        to.Append("\",\"trigger_reason\":\""u8);
        to.Append(Name(reported.Trigger));
        to.Append("\""u8);
        if (reported.StoppedReason != StoppedReason.None)
        {
            to.Append(",\"stopped_reason\":\""u8);
            to.Append(Name(reported.StoppedReason));
            to.Append("\""u8);
        }

        if (reported.Offline)
        {
            to.Append(",\"offline\":true"u8);
        }
    }
}
