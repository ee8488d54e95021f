using Confluent.Kafka;

namespace EvBilling.Kafka.Tokens;

/// <summary>Answers librdkafka's call for a token, which it makes at the start and when 80 % of a token's life is over.</summary>
internal sealed class TokenRefresher(Func<ITokenSource> source, Func<string, string> scrub)
{
    private string? _token;
    private string? _tokenBefore;

    /// <summary>The last tokens, which no text may show.</summary>
    public IEnumerable<string> Secrets => new[] { Volatile.Read(ref _token), Volatile.Read(ref _tokenBefore) }.OfType<string>();

    public void Refresh(IClient client, string _)
    {
        try
        {
            var token = source().Get();
            Volatile.Write(ref _tokenBefore, Volatile.Read(ref _token));
            Volatile.Write(ref _token, token.Text);
            client.OAuthBearerSetToken(token.Text, token.ExpiresAt.ToUnixTimeMilliseconds(), token.Principal);
        }
        catch (Exception e) when (e is TokenException or KafkaException or ArgumentException or InvalidOperationException)
        {
            // librdkafka asks again in 10 s, and reports this as a failed authentication.
            client.OAuthBearerSetTokenFailure(scrub(e.Message));
        }
    }
}
