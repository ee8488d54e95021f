using System.Globalization;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>A PostgreSQL database and how it is reached, as a libpq URI and libpq's environment say. A password never stands in it for others to read.</summary>
public sealed class PostgresTarget
{
    /// <summary>What a token must be for, to be a password for Azure's PostgreSQL.</summary>
    public const string EntraScope = "https://ossrdbms-aad.database.windows.net/.default";

    private const string Example = "give postgres://USER@HOST:PORT/DATABASE, as in postgres://billing@db.example.org:5432/billing?sslmode=verify-full";
    private const int DefaultPort = 5432;
    private const int PortMax = 65535;
    private const int CommandTimeoutSeconds = 300;
    private const int KeepAliveSeconds = 10;
    private const string ApplicationName = "evbilling";

    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    private static readonly (string Option, string Variable)[] Options =
    [
        ("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT"), ("sslcert", "PGSSLCERT"), ("sslkey", "PGSSLKEY"), ("passfile", "PGPASSFILE"),
        ("connect_timeout", "PGCONNECT_TIMEOUT"), ("target_session_attrs", "PGTARGETSESSIONATTRS"), ("application_name", "PGAPPNAME"), ("auth", "EVBILLING_POSTGRES_AUTH"),
    ];

    private readonly NpgsqlConnectionStringBuilder _settings;

    private PostgresTarget(NpgsqlConnectionStringBuilder settings, bool usesEntra) => (_settings, UsesEntra) = (settings, usesEntra);

    /// <summary>The password is a token of Microsoft Entra ID, fetched when a connection is made.</summary>
    public bool UsesEntra { get; }

    internal string User => _settings.Username!;

    internal string Database => _settings.Database!;

    /// <summary>HOST:PORT.</summary>
    internal string Server => IsList(_settings.Host!) || _settings.Host!.StartsWith('/') ? _settings.Host! : string.Create(
        CultureInfo.InvariantCulture, $"{(_settings.Host!.Contains(':', StringComparison.Ordinal) ? $"[{_settings.Host}]" : _settings.Host)}:{_settings.Port}");

    /// <summary>Whether the text is meant as a database in PostgreSQL, well formed or not.</summary>
    public static bool IsPostgres(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a libpq URI. What it leaves open comes from libpq's environment variables, else from libpq's defaults.</summary>
    /// <exception cref="BillStoreException">It is no such text, or holds a password.</exception>
    public static PostgresTarget Parse(string uri, IReadOnlyDictionary<string, string> environment)
    {
        var scheme = Schemes.FirstOrDefault(scheme => uri.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            ?? throw Unusable($"This is no database in PostgreSQL; {Example}.");
        var rest = uri[scheme.Length..];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var options = ReadOptions(question < 0 ? "" : rest[(question + 1)..]);
        var path = question < 0 ? rest : rest[..question];
        // A password may hold a slash or an @ that should have been encoded: what may belong to one is never repeated.
        var at = path.LastIndexOf('@');
        var user = at < 0 ? "" : path[..at];
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw Unusable(
                $"{scheme}...@{path[(at + 1)..]} holds a password, which others on the machine could read: put it into the environment variable PGPASSWORD, "
                + "or into a file that PGPASSFILE names.");
        }
        var shown = scheme + path;
        var hosts = path[(at + 1)..];
        var slash = hosts.IndexOf('/', StringComparison.Ordinal);
        var database = slash < 0 ? "" : hosts[(slash + 1)..];
        hosts = slash < 0 ? hosts : hosts[..slash];

        foreach (var (option, variable) in Options)
        {
            if (!options.ContainsKey(option) && environment.TryGetValue(variable, out var value) && value.Length > 0)
            {
                options.Add(option, value);
            }
        }
        var name = First(Decode(user, shown), Option(options, "user"), environment.GetValueOrDefault("PGUSER"), Environment.UserName);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Username = name,
            Database = First(Decode(database, shown), Option(options, "dbname"), environment.GetValueOrDefault("PGDATABASE"), name),
            ApplicationName = Option(options, "application_name") ?? ApplicationName,
            GssEncryptionMode = GssEncryptionMode.Disable,
            // A server that is gone without a word is noticed by these.
            CommandTimeout = CommandTimeoutSeconds,
            TcpKeepAlive = true,
            TcpKeepAliveTime = KeepAliveSeconds,
            TcpKeepAliveInterval = KeepAliveSeconds,
            MaxPoolSize = 16,
            MaxAutoPrepare = 64,
            AutoPrepareMinUsages = 2,
        };
        SetHosts(settings, First(hosts, Option(options, "host"), environment.GetValueOrDefault("PGHOST"), "localhost"),
            First(Option(options, "port"), environment.GetValueOrDefault("PGPORT"), DefaultPort.ToString(CultureInfo.InvariantCulture)), shown);
        PostgresSecurity.Apply(settings, options, environment);
        if (Option(options, "connect_timeout") is { } timeout)
        {
            settings.Timeout = int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 1024
                ? seconds
                : throw Unusable($"connect_timeout={timeout} is no number of seconds from 0 to 1024.");
        }
        if (Option(options, "target_session_attrs") is { } attributes)
        {
            settings.TargetSessionAttributes = attributes;
        }
        return new PostgresTarget(settings, PostgresSecurity.UsesEntra(settings, Option(options, "auth")));
    }

    /// <summary>The target without options or secrets.</summary>
    public override string ToString() => $"postgres://{User}@{Server}/{Database}";

    /// <summary>Another database of the same server, by the same way.</summary>
    internal PostgresTarget WithDatabase(string database) => new(new(_settings.ConnectionString) { Database = database }, UsesEntra);

    internal NpgsqlConnectionStringBuilder Settings() => new(_settings.ConnectionString);

    internal static BillStoreException Unusable(string message) => new(message, isUnusable: true);

    internal static string? Option(Dictionary<string, string> options, string name) => options.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static Dictionary<string, string> ReadOptions(string query)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            if (name is "password" or "sslpassword")
            {
                throw Unusable($"The option {name} of a postgres:// URI is a secret, which others on the machine could read: use PGPASSWORD, or a file that PGPASSFILE names.");
            }
            if (equals < 0 || (name is not ("user" or "host" or "port" or "dbname") && !Options.Any(option => option.Option == name)))
            {
                throw Unusable($"A postgres:// URI has no option \"{name}\" here; there are {string.Join(", ", Options.Select(option => option.Option))}, each with a value.");
            }
            options[name] = Decode(part[(equals + 1)..], $"option {name}");
        }
        return options;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder settings, string hosts, string defaultPort, string shown)
    {
        settings.Port = Port(defaultPort, shown);
        if (IsList(hosts))
        {
            settings.Host = string.Join(',', hosts.Split(',').Select(host => Split(host, shown)).Select(host =>
                string.Create(CultureInfo.InvariantCulture, $"{(host.Name.Contains(':', StringComparison.Ordinal) ? $"[{host.Name}]" : host.Name)}:{host.Port ?? settings.Port}")));
            return;
        }
        var (name, port) = Split(hosts, shown);
        settings.Host = name;
        settings.Port = port ?? settings.Port;
    }

    private static bool IsList(string hosts) => hosts.Contains(',', StringComparison.Ordinal);

    private static (string Name, int? Port) Split(string host, string shown)
    {
        // An IPv6 address stands in brackets, so that its colons are none of the port's. A folder of sockets starts with a slash.
        var colon = host.LastIndexOf(':');
        var hasPort = colon >= 0 && !host.EndsWith(']') && !host.StartsWith('/');
        var name = Decode(hasPort ? host[..colon] : host, shown);
        name = name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;
        return name.Length > 0 && !name.Any(char.IsWhiteSpace)
            ? (name, hasPort && colon < host.Length - 1 ? Port(host[(colon + 1)..], shown) : null)
            : throw Unusable($"{shown} has no host; {Example}.");
    }

    private static int Port(string text, string shown) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= PortMax
        ? port
        : throw Unusable($"{shown} has a port that is no number from 1 to {PortMax} (\"{text}\"); {Example}.");

    private static string Decode(string text, string shown)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]) || text.AsSpan(i, 3) is "%00")
            {
                throw Unusable($"{shown} has a % that is not followed by two hexadecimal digits other than 00; write % itself as %25.");
            }
        }
        return Uri.UnescapeDataString(text);
    }

    private static string First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }
        return "";
    }
}
