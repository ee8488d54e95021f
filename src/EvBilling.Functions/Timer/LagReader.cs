namespace EvBilling.Functions.Timer;

/// <summary>How far the workers are behind, by their /metrics: each knows the partitions that it reads.</summary>
internal sealed class LagReader(IReadOnlyList<Uri> workers) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(3), MaxResponseContentBufferSize = 4 << 20 };

    /// <returns>Null if one of them does not tell, and then why.</returns>
    public async Task<(long? LagRecords, string WhyNot)> Read(CancellationToken cancellation)
    {
        var sum = 0L;
        foreach (var worker in workers)
        {
            try
            {
                if (LagText.Sum(await _client.GetStringAsync(worker, cancellation)) is not { } lag)
                {
                    return (null, $"{worker.Authority} does not tell {LagText.Metric}");
                }
                sum = Math.Min(sum + lag, long.MaxValue / 2);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return (null, $"{worker.Authority}: {e.GetBaseException().Message}");
            }
        }
        return (sum, "");
    }

    public void Dispose() => _client.Dispose();
}
