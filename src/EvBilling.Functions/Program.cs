using System.Collections;
using System.Runtime.InteropServices;
using EvBilling.Functions;
using EvBilling.Functions.Callers;
using EvBilling.Functions.Cluster;
using EvBilling.Functions.Http;
using EvBilling.Functions.Scaling;
using EvBilling.Functions.Timer;
using Microsoft.Extensions.Logging;

const int Done = 0;
const int Failed = 1;
const int WrongSettings = 2;
var answersWithin = TimeSpan.FromSeconds(5);
var stopsWithin = TimeSpan.FromSeconds(4);

var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!);
    var settings = FunctionSettings.Read(environment);
    using var loggers = CreateLoggers();
    var logger = loggers.CreateLogger("evbilling.scale");
    IClusterTokens tokens = settings.Cluster.TokenFile is { } file ? new FileTokens(file) : new EntraTokens(environment);
    using var target = new KubernetesScale(settings.Cluster, tokens, answersWithin);
    using var gate = new Gate(settings.Callers);
    using var lag = new LagReader(settings.Workers);
    var scaler = new Scaler(target, TimeProvider.System, Random.Shared);
    var timer = new ScaleTimer(settings, scaler, lag, TimeProvider.System, logger);
    using var server = new HandlerServer(settings.Port, new Handler(settings, gate, target, scaler, timer, logger));
    await server.Start();
    var (cluster, bounds) = (settings.Cluster, settings.Bounds);
    Log.Started(logger, settings.Port, cluster.Set, cluster.Namespace, bounds.Min, bounds.Max, cluster.Identity.ToString(), settings.Callers.ToString(), settings.IsDryRun);
    await stop.Task;
    await server.Stop(stopsWithin);
    Log.Stopped(logger);
    return Done;
}
catch (SettingsException e)
{
    await Console.Error.WriteLineAsync($"evbilling-functions: {e.Message}");
    return WrongSettings;
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"evbilling-functions: FUNCTIONS_CUSTOMHANDLER_PORT: it is not possible to listen there ({e.Message.TrimEnd('.')}).");
    return Failed;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}

// On stdout, which the host takes for its own log.
static ILoggerFactory CreateLoggers() => LoggerFactory.Create(logging =>
{
    logging.SetMinimumLevel(LogLevel.Information);
    logging.AddJsonConsole(json =>
    {
        json.UseUtcTimestamp = true;
        json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
    });
});
