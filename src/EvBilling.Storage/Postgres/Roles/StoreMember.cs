using EvBilling.Engine;

namespace EvBilling.Storage.Postgres;

/// <summary>A role that logs in and is to have the rights of a writer or of a reader.</summary>
/// <param name="Name">Its name in the database.</param>
/// <param name="ObjectId">Of the managed identity or service principal in Microsoft Entra ID that it stands for, to be made where the role is not there; null = the role is there.</param>
public sealed record StoreMember(string Name, Guid? ObjectId)
{
    // PostgreSQL would cut a longer one without a word.
    private const int NameBytesMax = 63;

    /// <summary>Reads <c>NAME</c> or <c>NAME=OBJECT_ID</c>, several with commas between them.</summary>
    /// <exception cref="BillStoreException">One of them is neither.</exception>
    public static IReadOnlyList<StoreMember> ParseList(string text) => [.. text.Split(',').Select(Parse)];

    private static StoreMember Parse(string text)
    {
        var equals = text.LastIndexOf('=');
        var name = equals < 0 ? text : text[..equals];
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetByteCount(name) > NameBytesMax)
        {
            throw PostgresTarget.Unusable($"\"{name}\" is no name of a role: it has 1 to {NameBytesMax} bytes.");
        }
        if (equals < 0)
        {
            return new(name, null);
        }
        return Guid.TryParseExact(text[(equals + 1)..], "D", out var id)
            ? new(name, id)
            : throw PostgresTarget.Unusable(
                $"\"{text[(equals + 1)..]}\" is no object id of Microsoft Entra ID for the role \"{name}\": it looks like 00000000-0000-0000-0000-000000000000 (`az ad sp show --id ... --query id`).");
    }
}
