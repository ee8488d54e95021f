using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>A case that can't be priced: where, what, and the remedy.</summary>
internal sealed class PricingException(string message) : Exception(message)
{
    public PricingException(string path, TariffRefusal refusal)
        : this(path + refusal.Path is { Length: > 0 } whole ? $"{whole}: {refusal.Message}" : refusal.Message)
    {
    }
}
