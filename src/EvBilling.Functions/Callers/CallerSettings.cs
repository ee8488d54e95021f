namespace EvBilling.Functions.Callers;

/// <summary>Which tokens of Microsoft Entra ID may scale.</summary>
/// <param name="Authority">Who issues them: https://login.microsoftonline.com, or that of another cloud.</param>
/// <param name="Audiences">The application that stands for this function: its id, its URI.</param>
/// <param name="Role">An application role that suffices; null = none does.</param>
/// <param name="ObjectIds">Users, applications or managed identities that may, by object id.</param>
internal sealed record EntraSettings(Uri Authority, string Tenant, IReadOnlyList<string> Audiences, string? Role, IReadOnlyList<string> ObjectIds);

/// <summary>Who may scale; without either, nobody.</summary>
/// <param name="Key">A secret.</param>
internal sealed record CallerSettings(string? Key, EntraSettings? Entra)
{
    public bool IsConfigured => Key is not null || Entra is not null;

    /// <summary>What a person may see.</summary>
    public override string ToString() => (Key, Entra) switch
    {
        (null, null) => "nobody",
        (null, _) => "Entra tokens",
        (_, null) => "the key",
        _ => "the key, Entra tokens",
    };
}
