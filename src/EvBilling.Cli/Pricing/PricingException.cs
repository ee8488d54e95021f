using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>A case that can't be priced: where, what, and the remedy.</summary>
internal sealed class PricingException(string message) : Exception(message)
{
    private const int ShownLength = 60;

    public PricingException(string path, TariffRefusal refusal)
        : this(path + refusal.Path is { Length: > 0 } whole ? $"{whole}: {refusal.Message}" : refusal.Message)
    {
    }

    /// <summary>A text as stated, cut where it is long.</summary>
    public static string Shown(string text) => text.Length <= ShownLength ? text : text[..ShownLength] + "...";
}
