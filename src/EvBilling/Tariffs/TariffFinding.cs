namespace EvBilling.Tariffs;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Read as it was surely meant.</summary>
    Warning,

    /// <summary>Part of the tariff never applies.</summary>
    Error,
}

/// <summary>Something in a tariff that is not as OCPI wants it, and was read all the same.</summary>
/// <param name="Path">JSON pointer (RFC 6901) within the tariff, "/elements/0/price_components/1/type".</param>
/// <param name="Rule">A stable name, "unknown_dimension".</param>
/// <param name="Message">One sentence for the tariff's author.</param>
public sealed record TariffFinding(string Path, string Rule, FindingSeverity Severity, string Message);

/// <summary>Why a tariff can't be used.</summary>
/// <param name="Path">JSON pointer (RFC 6901) within the tariff; empty = the tariff itself.</param>
/// <param name="Message">One sentence: what is wrong there, the value, the remedy.</param>
public sealed record TariffRefusal(string Path, string Message);
