namespace EvBilling.Functions.Cluster;

/// <summary>A token in a file that someone else renews; read anew each time.</summary>
internal sealed class FileTokens(string path) : IClusterTokens
{
    public async ValueTask<string> Get(bool anew, CancellationToken cancellation)
    {
        string token;
        try
        {
            token = (await File.ReadAllTextAsync(path, cancellation)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusalException(Refusal.NoIdentity, "The token for the cluster cannot be read; see the log.", $"{path}: {e.Message}");
        }
        // Anything else could not be sent in a header, and would come to light in an exception's text.
        return token.Length > 0 && token.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '~' or '+' or '/' or '=')
            ? token
            : throw new RefusalException(Refusal.NoIdentity, "The token for the cluster is none; see the log.", $"{path} holds no bearer token.");
    }
}
