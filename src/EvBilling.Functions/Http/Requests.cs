using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EvBilling.Functions.Http;

/// <summary>Reads what a request carries, strictly.</summary>
internal static class Requests
{
    private const int BodyBytesMax = 16 * 1024;

    /// <exception cref="RefusalException">It is not JSON by its type, or too large.</exception>
    public static async Task<ReadOnlyMemory<byte>> JsonBody(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength == 0)
        {
            return default;
        }
        if (request.ContentType is null && request.ContentLength is null && !request.Headers.ContainsKey(HeaderNames.TransferEncoding))
        {
            return default;
        }
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusalException(Refusal.WrongContentType, "The body's type is not application/json.");
        }
        if (request.ContentLength > BodyBytesMax)
        {
            throw TooLarge();
        }
        var body = new byte[BodyBytesMax + 1];
        var read = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        return read <= BodyBytesMax ? body.AsMemory(0, read) : throw TooLarge();
    }

    /// <summary>Whether the query asks for a dry run. It may also hold <c>code</c>, the host's own key, which is none of ours.</summary>
    /// <exception cref="RefusalException">Something else is in it: whoever misspells <c>dry_run</c> must not scale in earnest.</exception>
    public static bool IsDryRun(IQueryCollection query)
    {
        if (query.Keys.Any(name => name is not ("code" or "dry_run")))
        {
            throw new RefusalException(Refusal.UnknownParameter, "The query has a parameter that is not dry_run; leave it out or mend its name.");
        }
        return query["dry_run"] switch
        {
            [] => false,
            ["true"] => true,
            ["false"] => false,
            _ => throw new RefusalException(Refusal.WrongDryRun, "dry_run is neither true nor false."),
        };
    }

    private static RefusalException TooLarge() => new(Refusal.TooLarge, $"The body is larger than {BodyBytesMax} bytes.");
}
