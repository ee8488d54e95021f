namespace EvBilling.Rating;

/// <summary>
/// A charging period (OCPI 2.2.1 mod_cdrs 1.4.6) as rating takes it: volumes in integers, in force from its start until the next period's start
/// (the last: until the session's end).
/// </summary>
/// <param name="StartUnixNs">Start, inclusive, in nanoseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="EnergyMwh">ENERGY in milliwatt-hours (1e-6 kWh), 0 = none; under 0 where the vehicle gave back.</param>
/// <param name="TimeNs">TIME: charging time in nanoseconds, 0 = none.</param>
/// <param name="ParkingTimeNs">PARKING_TIME in nanoseconds, 0 = none.</param>
public readonly record struct RatingPeriod(long StartUnixNs, long EnergyMwh, long TimeNs, long ParkingTimeNs);
