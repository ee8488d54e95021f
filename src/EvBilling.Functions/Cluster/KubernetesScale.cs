using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using EvBilling.Functions.Scaling;

namespace EvBilling.Functions.Cluster;

/// <summary>
/// The scale subresource of one StatefulSet: a GET and a PATCH, the two calls that ServiceAccount or identity need a right to. The server is trusted only by name and by the
/// certificates given.
/// </summary>
internal sealed class KubernetesScale : IScaleTarget, IDisposable
{
    private const int AnswerBytesMax = 1 << 20;

    private readonly HttpClient _client;
    private readonly IClusterTokens _tokens;
    private readonly TimeSpan _answersWithin;
    private readonly Uri _scale;

    /// <param name="answersWithin">For each call to the server, the token included.</param>
    public KubernetesScale(ClusterSettings settings, IClusterTokens tokens, TimeSpan answersWithin)
    {
        (_tokens, _answersWithin, Set) = (tokens, answersWithin, settings.Set);
        _scale = new Uri(settings.Server, $"{settings.Server.AbsolutePath.TrimEnd('/')}/apis/apps/v1/namespaces/{settings.Namespace}/statefulsets/{settings.Set}/scale");
        // Without redirects: a token goes to this server and to no other. Connections are made anew now and then, since an address may move.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (settings.AuthorityPem is { } pem)
        {
            handler.SslOptions.CertificateChainPolicy = Trust(pem);
        }
        _client = new HttpClient(handler) { MaxResponseContentBufferSize = AnswerBytesMax, Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Accept.Add(new("application/json"));
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("evbilling-scaler");
    }

    public string Set { get; }

    public async Task<ScaleState> Read(CancellationToken cancellation)
    {
        var (status, answer) = await Send(HttpMethod.Get, _scale, null, cancellation);
        return status == HttpStatusCode.OK ? ScaleDocument.Read(answer) : throw Refused(status, answer);
    }

    public async Task<bool> TryWrite(string resourceVersion, int replicas, bool dryRun, CancellationToken cancellation)
    {
        var address = new Uri($"{_scale}?fieldManager=evbilling-scaler&fieldValidation=Strict{(dryRun ? "&dryRun=All" : "")}");
        var (status, answer) = await Send(HttpMethod.Patch, address, ScaleDocument.Patch(resourceVersion, replicas), cancellation);
        return status switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.Conflict => false,
            _ => throw Refused(status, answer),
        };
    }

    public void Dispose() => _client.Dispose();

    private static X509ChainPolicy Trust(string pem)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // A cluster's own authority publishes no revocations.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(pem);
        return policy;
    }

    private static RefusalException Refused(HttpStatusCode status, byte[] answer)
    {
        var cause = $"{(int)status} {ScaleDocument.MessageOf(answer)}";
        return status switch
        {
            HttpStatusCode.Unauthorized => new(Refusal.TokenRefused, "The cluster does not accept this function's token, nor a new one; check its identity.", cause),
            HttpStatusCode.Forbidden => new(Refusal.MayNotScale, "This function's identity may not get and patch the set's scale; give it that role.", cause),
            HttpStatusCode.NotFound => new(Refusal.UnknownSet, "The cluster has no such set in that namespace; check the function's settings.", cause),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new(Refusal.ServerBusy, "The cluster cannot answer now; try again.", cause),
            _ => new(Refusal.ServerRefuses, "The cluster refuses the change; see the log.", cause),
        };
    }

    private async Task<(HttpStatusCode Status, byte[] Answer)> Send(HttpMethod method, Uri address, byte[]? patch, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_answersWithin);
        try
        {
            var answer = await SendOnce(method, address, patch, anew: false, patience.Token);
            // The token may have expired early or been withdrawn; a second refusal is final.
            return answer.Status == HttpStatusCode.Unauthorized ? await SendOnce(method, address, patch, anew: true, patience.Token) : answer;
        }
        catch (OperationCanceledException)
        {
            var maybe = patch is null ? "nothing was changed" : "the change may have been made: look with GET";
            throw new RefusalException(Refusal.ServerTimeout, $"The cluster does not answer in time; {maybe}.");
        }
        catch (HttpRequestException e)
        {
            throw e.HttpRequestError == HttpRequestError.SecureConnectionError
                ? new(Refusal.ServerNotTrusted, "The cluster's certificate is not one to trust; check the authority in the function's settings.", Innermost(e))
                : new RefusalException(Refusal.ServerUnreachable, "The cluster cannot be reached; try again.", Innermost(e));
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Answer)> SendOnce(HttpMethod method, Uri address, byte[]? patch, bool anew, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _tokens.Get(anew, cancellation));
        if (patch is not null)
        {
            request.Content = new ByteArrayContent(patch) { Headers = { ContentType = new(ScaleDocument.PatchType) } };
        }
        using var response = await _client.SendAsync(request, cancellation);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message;
}
