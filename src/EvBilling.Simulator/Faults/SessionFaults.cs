namespace EvBilling.Simulator;

/// <summary>The faults that met a session; the names are those of the truth's `faults`.</summary>
[Flags]
internal enum SessionFaults : byte
{
    None = 0,
    Duplicate = 1,
    Reordered = 2,
    Offline = 4,
    LostStart = 8,
    LostUpdate = 16,
    LostStateChange = 32,
    LostStop = 64,
    MeterReset = 128,
}
