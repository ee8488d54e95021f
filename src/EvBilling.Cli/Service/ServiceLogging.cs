using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EvBilling.Cli.Service;

/// <summary>How a line of the log looks.</summary>
internal enum LogFormat
{
    Text,
    Json,
}

/// <summary>Logs to stderr, a line an event.</summary>
internal static class ServiceLogging
{
    private const string Times = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    public static ILoggerFactory Create(LogFormat format, LogLevel level) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(level);
        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = Times.TrimEnd();
            });
        }
        else
        {
            logging.AddSimpleConsole(text =>
            {
                text.SingleLine = true;
                text.UseUtcTimestamp = true;
                text.TimestampFormat = Times;
                text.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    });
}
