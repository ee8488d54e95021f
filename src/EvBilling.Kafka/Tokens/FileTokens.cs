namespace EvBilling.Kafka.Tokens;

/// <summary>A token in a file that someone else renews, as Kubernetes does with a projected one. Read anew each time.</summary>
internal sealed class FileTokens(string path, TimeProvider clock) : ITokenSource
{
    public OAuthToken Get()
    {
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TokenException($"the token file {path} cannot be read ({e.Message.TrimEnd('.')}); give a readable one");
        }
        var token = OAuthToken.OfJwt(text)
            ?? throw new TokenException($"the file {path} holds no JSON web token with an expiry; it must hold one and nothing else");
        return token.ExpiresAt > clock.GetUtcNow()
            ? token
            : throw new TokenException($"the token in {path} expired at {token.ExpiresAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}; see that whoever writes the file renews it in time");
    }
}
