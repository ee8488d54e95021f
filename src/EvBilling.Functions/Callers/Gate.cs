using Microsoft.AspNetCore.Http;

namespace EvBilling.Functions.Callers;

/// <summary>Lets nobody through who does not show the key or a token; the host's function key, which comes before, is not relied on.</summary>
internal sealed class Gate : IDisposable
{
    public const string KeyHeader = "x-evbilling-key";

    private const string Bearer = "Bearer ";

    private readonly KeyCheck? _key;
    private readonly EntraCheck? _entra;

    public Gate(CallerSettings settings)
    {
        _key = settings.Key is { } key ? new(key) : null;
        _entra = settings.Entra is { } entra ? new(entra) : null;
    }

    /// <summary>The timer too is held to it: a function that nobody may command does nothing at all.</summary>
    /// <exception cref="RefusalException">Neither key nor tokens are set up.</exception>
    public void CheckConfigured()
    {
        if (_key is null && _entra is null)
        {
            throw new RefusalException(Refusal.NotConfigured, "This function has neither a key nor a tenant to check callers by, and so scales nothing; set one up.");
        }
    }

    /// <returns>Who calls, for the log.</returns>
    /// <exception cref="RefusalException">Nobody who may.</exception>
    public async Task<string> Check(IHeaderDictionary headers, CancellationToken cancellation)
    {
        CheckConfigured();
        if (headers.TryGetValue(KeyHeader, out var keys))
        {
            return keys.Count == 1 && _key is not null && _key.IsRight(keys[0] ?? "") ? "key" : throw Wrong();
        }
        var authorization = headers.Authorization;
        if (authorization.Count == 0)
        {
            throw new RefusalException(Refusal.NoCredentials, $"Send a token in Authorization or the key in {KeyHeader}, whichever this function is set up for.");
        }
        return _entra is not null && authorization.Count == 1 && authorization[0] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? await _entra.Check(value[Bearer.Length..].Trim(), cancellation)
            : throw Wrong();
    }

    public void Dispose() => _entra?.Dispose();

    private static RefusalException Wrong() => new(Refusal.WrongCredentials, "The key or token is not one that this function takes.");
}
