namespace EvBilling.Functions;

/// <summary>Why a call was refused. The names are what callers see as <c>error</c>: they are frozen, and docs/function.md lists them.</summary>
internal enum Refusal
{
    // What was sent is wrong.
    EmptyBody,
    NotJson,
    NotAnObject,
    UnknownMember,
    UnknownParameter,
    MissingReplicas,
    NotAnInteger,
    OutOfBounds,
    WrongDryRun,
    WrongSet,
    NotATimer,
    MalformedDate,
    TooLarge,
    WrongContentType,
    WrongMethod,
    UnknownRoute,

    // Who sent it.
    NoCredentials,
    WrongCredentials,
    NotAllowed,
    NotConfigured,
    KeysUnavailable,

    // What the cluster says.
    UnknownSet,
    Conflict,
    TokenRefused,
    MayNotScale,
    NoIdentity,
    ServerNotTrusted,
    ServerRefuses,
    ServerBusy,
    ServerUnreachable,
    ServerTimeout,

    InternalError,
}

/// <summary>The HTTP status of each refusal.</summary>
internal static class RefusalStatus
{
    /// <summary>What the cluster refuses this program for is 502, not 401 or 403: those are about the caller.</summary>
    public static int Of(Refusal refusal) => refusal switch
    {
        Refusal.NoCredentials or Refusal.WrongCredentials => 401,
        Refusal.NotAllowed => 403,
        Refusal.UnknownRoute or Refusal.WrongSet or Refusal.UnknownSet => 404,
        Refusal.WrongMethod => 405,
        Refusal.Conflict => 409,
        Refusal.TooLarge => 413,
        Refusal.WrongContentType => 415,
        Refusal.InternalError => 500,
        Refusal.TokenRefused or Refusal.MayNotScale or Refusal.ServerNotTrusted or Refusal.ServerRefuses => 502,
        Refusal.NotConfigured or Refusal.KeysUnavailable or Refusal.NoIdentity or Refusal.ServerBusy or Refusal.ServerUnreachable => 503,
        Refusal.ServerTimeout => 504,
        _ => 400,
    };
}

/// <summary>A call is refused, or failed; nothing was changed unless <see cref="Refusal.ServerTimeout"/> says that it may have been.</summary>
/// <param name="refusal">Its name.</param>
/// <param name="detail">For the caller: what is wrong and how to mend it, with nothing of the cluster's address, tokens or keys.</param>
/// <param name="cause">For the log alone.</param>
internal sealed class RefusalException(Refusal refusal, string detail, string? cause = null) : Exception(detail)
{
    public Refusal Refusal { get; } = refusal;

    public string? Cause { get; } = cause;
}
