namespace EvBilling.Simulator;

/// <summary>
/// How often each fault of <see cref="FaultProfile.Field"/> occurs, in cases of 10,000. A session has at most one of the faults that are drawn for
/// sessions.
/// </summary>
public static class FaultRates
{
    /// <summary>Of events: a second copy arrives, up to ten minutes later; half the copies are other bytes of the same content.</summary>
    public const int DuplicatePerMyriadEvents = 100;

    /// <summary>Of events: delayed by up to five minutes.</summary>
    public const int ReorderedPerMyriadEvents = 200;

    /// <summary>Of sessions: the station goes offline in it, for one to eight hours, and delivers what happened afterwards.</summary>
    public const int OutagePerMyriadSessions = 50;

    /// <summary>Of sessions: the `ended` event is never sent.</summary>
    public const int LostStopPerMyriadSessions = 50;

    /// <summary>Of sessions: the register restarts at 0, if enough charging is left for it to show.</summary>
    public const int MeterResetPerMyriadSessions = 30;

    /// <summary>Of sessions: the `started` event is never sent.</summary>
    public const int LostStartPerMyriadSessions = 20;

    /// <summary>Of sessions: one `updated` event is never sent.</summary>
    public const int LostUpdatePerMyriadSessions = 300;
}
