using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;

namespace EvBilling.Cli.Service;

/// <summary>How a run serves and logs.</summary>
/// <param name="Http">Null = nothing is served.</param>
/// <param name="Follow">The run has no end, and logs; else it says what it has to say in plain sentences.</param>
internal sealed record ServiceOptions(IPEndPoint? Http, bool Follow, LogFormat Format, LogLevel Level)
{
    /// <summary>Of a run that ends.</summary>
    public static ServiceOptions Ending(IPEndPoint? http = null) => new(http, false, LogFormat.Text, LogLevel.Information);
}

/// <summary>Where a run is served.</summary>
internal sealed class HttpOption : Option<string?>
{
    public HttpOption()
        : base("--http")
    {
        Description = "Serve /health, /ready and /metrics there, such as 127.0.0.1:8080; port 0 = any that is free.";
        HelpName = "ADDRESS:PORT";
    }

    /// <summary>Null = nowhere.</summary>
    /// <exception cref="UsageException">It is no address and port.</exception>
    public IPEndPoint? In(ParseResult parsed) => parsed.GetValue(this) is { } address ? ListenAddress.Parse(address) : null;
}

/// <summary>The options of a verb that can run as a service.</summary>
internal sealed class ServiceCommandOptions
{
    private readonly Option<bool> _follow = new("--follow") { Description = "Go on for ever: wait for what is to come, and start again after failures." };

    private readonly HttpOption _http = new();

    private readonly Option<string> _format = new Option<string>("--log-format")
    {
        Description = "With --follow: the form of the log on stderr.",
        DefaultValueFactory = _ => "text",
    }.AcceptOnlyFromAmong("text", "json");

    private readonly Option<string> _level = new Option<string>("--log-level")
    {
        Description = "With --follow: what is logged.",
        DefaultValueFactory = _ => "information",
    }.AcceptOnlyFromAmong("debug", "information", "warning", "error");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_follow, _http, _format, _level])
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="UsageException">One of them is wrong.</exception>
    public ServiceOptions Read(ParseResult parsed) => new(
        _http.In(parsed),
        parsed.GetValue(_follow),
        Enum.Parse<LogFormat>(parsed.GetValue(_format)!, ignoreCase: true),
        Enum.Parse<LogLevel>(parsed.GetValue(_level)!, ignoreCase: true));
}
