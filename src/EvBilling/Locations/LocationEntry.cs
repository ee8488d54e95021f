using System.Collections.Immutable;

namespace EvBilling.Locations;

/// <summary>What is wrong, and where.</summary>
/// <param name="Path">JSON pointer (RFC 6901) within the location; empty = the location itself.</param>
/// <param name="Message">A sentence for a person.</param>
public sealed record LocationProblem(string Path, string Message);

/// <summary>One location of a document: what was read, or why it could not be.</summary>
public sealed class LocationEntry
{
    /// <summary>The one location's JSON, UTF-8, as it stands in the document.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Null if <see cref="Error"/> says why.</summary>
    public Location? Location { get; init; }

    public LocationProblem? Error { get; init; }

    /// <summary>Members that could not be understood and count as not stated. The location is usable without them.</summary>
    public ImmutableArray<LocationProblem> Findings { get; init; } = [];
}

/// <summary>The document is not JSON (nor JSON Lines), so that none of it was read.</summary>
public sealed class LocationDocumentException : FormatException
{
    internal LocationDocumentException(long line, long byteInLine, Exception inner)
        : base($"Line {line}, byte {byteInLine}: the text is not JSON.", inner)
    {
        Line = line;
        ByteInLine = byteInLine;
    }

    /// <summary>Where the text stops being JSON; the first line is 1.</summary>
    public long Line { get; }

    /// <summary>The first byte of a line is 1; UTF-8 bytes, not characters.</summary>
    public long ByteInLine { get; }
}
