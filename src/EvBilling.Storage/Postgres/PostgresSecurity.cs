using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>Passwords, TLS and tokens as libpq's options and environment state them.</summary>
internal static class PostgresSecurity
{
    private const string SystemRoots = "system";

    public static void Apply(NpgsqlConnectionStringBuilder settings, Dictionary<string, string> options, IReadOnlyDictionary<string, string> environment)
    {
        if (environment.TryGetValue("PGPASSWORD", out var password) && password.Length > 0)
        {
            settings.Password = password;
        }
        settings.Passfile = PostgresTarget.Option(options, "passfile");
        var roots = PostgresTarget.Option(options, "sslrootcert");
        settings.SslMode = Mode(PostgresTarget.Option(options, "sslmode"), roots);
        settings.RootCertificate = roots == SystemRoots ? null : Existing("sslrootcert", roots);
        settings.SslCertificate = Existing("sslcert", PostgresTarget.Option(options, "sslcert"));
        settings.SslKey = Existing("sslkey", PostgresTarget.Option(options, "sslkey"));
    }

    /// <summary>Whether a token is the password. It is never sent over a connection that is not encrypted.</summary>
    public static bool UsesEntra(NpgsqlConnectionStringBuilder settings, string? authentication)
    {
        switch (authentication)
        {
            case null or "password":
                return false;
            case "entra":
                if (settings.SslMode == SslMode.Disable)
                {
                    throw PostgresTarget.Unusable("auth=entra sends a token, which needs TLS: leave sslmode=disable out, or say sslmode=verify-full.");
                }
                settings.SslMode = settings.SslMode is SslMode.Allow or SslMode.Prefer ? SslMode.Require : settings.SslMode;
                return true;
            default:
                throw PostgresTarget.Unusable($"auth={authentication} is not known (option auth, or EVBILLING_POSTGRES_AUTH); there are password and entra.");
        }
    }

    // As in libpq, require with a root certificate checks it.
    private static SslMode Mode(string? mode, string? roots) => mode switch
    {
        null when roots == SystemRoots => SslMode.VerifyFull,
        null or "prefer" => SslMode.Prefer,
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "require" => roots is null ? SslMode.Require : SslMode.VerifyCA,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw PostgresTarget.Unusable($"sslmode={mode} is not known; there are disable, allow, prefer, require, verify-ca and verify-full."),
    };

    private static string? Existing(string option, string? file) => file is null || File.Exists(file)
        ? file
        : throw PostgresTarget.Unusable($"The file {file} of {option} is not there or may not be read; name another, or leave the option out.");
}
