namespace EvBilling.Simulator;

/// <summary>Writes what really happened, a JSON line a session, when the session ends.</summary>
internal sealed class TruthWriter(Stream to)
{
    private readonly byte[] _line = new byte[1_024];
    private readonly LineWriter _lines = new(to);
    private TimestampFormatter _timestamps;

    public void Write(in SessionLedger session, SessionFaults faults)
    {
        var line = new Utf8Cursor(_line);
        line.Append("{\"session_id\":\""u8);
        EventFormatter.AppendSessionId(ref line, session.Station, session.Session);
        line.Append("\",\"started_at\":\""u8);
        _timestamps.Append(ref line, session.StartUnixS);
        line.Append("\",\"ended_at\":\""u8);
        _timestamps.Append(ref line, session.LastUnixS);
        line.Append("\",\"energy_wh\":"u8);
        line.AppendNumber(session.EnergyWh);
        line.Append(",\"charging_s\":"u8);
        line.AppendNumber(session.ChargingS);
        line.Append(",\"parking_s\":"u8);
        line.AppendNumber(session.ParkingS);
        line.Append(",\"waiting_s\":"u8);
        line.AppendNumber(session.WaitingS);
        line.Append(",\"events\":"u8);
        line.AppendNumber(session.Events);
        line.Append(",\"faults\":["u8);
        AppendFaults(ref line, faults);
        line.Append("]}"u8);
        _lines.Write(_line.AsSpan(0, line.Length));
    }

    public void Flush() => _lines.Flush();

    private static void AppendFaults(ref Utf8Cursor line, SessionFaults faults)
    {
        bool first = true;
        AppendFault(ref line, "Duplicate"u8, faults.HasFlag(SessionFaults.Duplicate), ref first);
        AppendFault(ref line, "Reordered"u8, faults.HasFlag(SessionFaults.Reordered), ref first);
        AppendFault(ref line, "Offline"u8, faults.HasFlag(SessionFaults.Offline), ref first);
        AppendFault(ref line, "LostStart"u8, faults.HasFlag(SessionFaults.LostStart), ref first);
        AppendFault(ref line, "LostUpdate"u8, faults.HasFlag(SessionFaults.LostUpdate), ref first);
        AppendFault(ref line, "LostStateChange"u8, faults.HasFlag(SessionFaults.LostStateChange), ref first);
        AppendFault(ref line, "LostStop"u8, faults.HasFlag(SessionFaults.LostStop), ref first);
        AppendFault(ref line, "MeterReset"u8, faults.HasFlag(SessionFaults.MeterReset), ref first);
    }

    private static void AppendFault(ref Utf8Cursor line, ReadOnlySpan<byte> name, bool met, ref bool first)
    {
        if (!met)
        {
            return;
        }

        line.Append(first ? "\""u8 : ",\""u8);
        line.Append(name);
        line.Append("\""u8);
        first = false;
    }
}
