namespace EvBilling.Tariffs;

/// <summary>A document of tariffs is no JSON at all; the message names the place and the remedy.</summary>
public sealed class TariffDocumentException : Exception
{
    public TariffDocumentException(string message, long line, long byteInLine)
        : base(message)
    {
        Line = line;
        ByteInLine = byteInLine;
    }

    /// <summary>The line that could not be read, from 1.</summary>
    public long Line { get; }

    /// <summary>The byte in that line, from 1.</summary>
    public long ByteInLine { get; }
}
