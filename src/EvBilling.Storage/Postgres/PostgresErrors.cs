using System.Net.Sockets;
using EvBilling.Engine;
using Npgsql;

namespace EvBilling.Storage.Postgres;

/// <summary>What went wrong, as one sentence with the remedy; and whether trying again may help.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether it comes from the server or the way there, rather than from a mistake in this program.</summary>
    public static bool IsServers(Exception e) => e is NpgsqlException or IOException or SocketException or TimeoutException or ObjectDisposedException;

    public static BillStoreException Of(Exception e, PostgresTarget target) => e switch
    {
        PostgresException refused => OfServer(refused, target),
        { InnerException: TokenMissingException missing } => new($"PostgreSQL at {target.Server} is not asked without a token: {missing.Message.TrimEnd('.')}.", e, isTransient: true),
        NpgsqlException when e.Message.StartsWith("No password", StringComparison.Ordinal) => NotLetIn("a password is wanted", e, target),
        _ when Reason(e) is { } reason => new(
            $"PostgreSQL at {target.Server} cannot be reached or went away ({reason}); look at whether it runs, and at host, port, TLS and firewall.", e, isTransient: true),
        _ => new($"The store {target} failed: {e.Message.TrimEnd('.')}.", e),
    };

    private static BillStoreException OfServer(PostgresException e, PostgresTarget target)
    {
        var said = e.MessageText.TrimEnd('.');
        return e.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => NotLetIn(said, e, target),
            PostgresErrorCodes.InvalidCatalogName => new(
                $"There is no database \"{target.Database}\" at {target.Server}; make it (createdb \"{target.Database}\"), or name another.", e),
            PostgresErrorCodes.InsufficientPrivilege => new(
                $"The user \"{target.User}\" lacks a right in the store {target} ({said}); grant it evbilling_writer, or to read evbilling_reader, as docs/postgresql.md says.", e),
            PostgresErrorCodes.ReadOnlySqlTransaction => new(
                $"PostgreSQL at {target.Server} takes no writes, since it is a standby or its default_transaction_read_only is on; name the primary, or several hosts with target_session_attrs=primary, or switch that setting off.", e, isTransient: true),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => new(
                $"PostgreSQL at {target.Server} is stopping or starting ({said}); it can be tried again when it runs.", e, isTransient: true),
            FrozenWorkers.SilentTooLong => new(
                $"PostgreSQL at {target.Server} ended a transaction that this process was silent in for too long (was it stopped, or its machine?); nothing of it was written, and it can be tried again.", e, isTransient: true),
            PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled => new(
                $"The store {target} is in others' way ({said}); nothing was written, and it can be tried again.", e, isTransient: true),
            // Without the server's words, which name another file each time: the same failure is to be told once.
            PostgresErrorCodes.DiskFull => new(
                $"PostgreSQL at {target.Server} has no room left on a disk; make room there (its log names the file), and it can be tried again.", e, isTransient: true),
            // Classes: 08 connections, 53 resources (too many connections), 58 the server's system.
            ['0', '8', ..] or ['5', '3', ..] or ['5', '8', ..] => new(
                $"PostgreSQL at {target.Server} cannot go on ({said}); look at its log, disk and limits.", e, isTransient: true),
            _ => new($"The store {target} failed: {said} (SQLSTATE {e.SqlState}).", e),
        };
    }

    private static BillStoreException NotLetIn(string said, Exception e, PostgresTarget target) => new(
        $"PostgreSQL at {target.Server} does not let the user \"{target.User}\" in ({said}); look at the user, "
        + (target.UsesEntra ? "which must be this identity's name in the database (pgaadauth_create_principal), and at which identity it is (AZURE_CLIENT_ID)."
            : "at PGPASSWORD or the file of PGPASSFILE, and at the server's pg_hba.conf."),
        e);

    // What lies below tells more than "Exception while reading from stream".
    private static string? Reason(Exception e)
    {
        string? reason = null;
        for (var at = e; at is not null; at = at.InnerException)
        {
            if (at is IOException or SocketException or TimeoutException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                reason = at.Message.TrimEnd('.');
            }
        }
        return reason ?? (e is NpgsqlException { IsTransient: true } ? e.Message.TrimEnd('.') : null);
    }
}
