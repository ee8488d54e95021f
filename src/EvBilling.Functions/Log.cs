using Microsoft.Extensions.Logging;

namespace EvBilling.Functions;

/// <summary>What the function logs, a line each. Ids, names and levels are frozen: docs/function.md lists them, alerts may hang on them. Never a token or a key.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Listens on 127.0.0.1:{Port}; scales {Set} of {NamespaceName} from {Min} to {Max} replicas as {Identity}, for {Callers}; dry run: {DryRun}.")]
    public static partial void Started(ILogger logger, int port, string set, string namespaceName, int min, int max, string identity, string callers, bool dryRun);

    [LoggerMessage(2, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    /// <summary>The audit: each decision, also one that changes nothing.</summary>
    [LoggerMessage(10, LogLevel.Information, "{Who} asks for {Set} from {From} to {To}: {Outcome}, because {Why}.")]
    public static partial void Decided(ILogger logger, string who, string set, int from, int to, string outcome, string why);

    /// <summary>The audit of what was refused or failed.</summary>
    [LoggerMessage(11, LogLevel.Warning, "{Who} is refused with {Error}: {Detail} {Cause}")]
    public static partial void Refused(ILogger logger, string who, string error, string detail, string cause);

    [LoggerMessage(12, LogLevel.Debug, "{Who} reads {Set}: {Desired} asked for, {Current} there.")]
    public static partial void Looked(ILogger logger, string who, string set, int desired, int current);

    [LoggerMessage(20, LogLevel.Warning, "The lag is not known, and neither holds nor releases the fleet: {Cause}")]
    public static partial void LagUnknown(ILogger logger, string cause);

    [LoggerMessage(30, LogLevel.Error, "A call failed for a reason that is not foreseen.")]
    public static partial void Failed(ILogger logger, Exception exception);
}
