namespace EvBilling.Engine;

/// <summary>A refused record.</summary>
/// <param name="Number">Its number in the store; 0 before it is stored.</param>
/// <param name="Reason">A code: <c>NotJson</c>, <c>MissingMember:session_id</c>.</param>
/// <param name="Detail">A sentence for a person.</param>
/// <param name="Bytes">The record, contact data blanked; of an oversized one the beginning.</param>
/// <param name="Redacted">Whether something was blanked.</param>
/// <param name="AtUnixSeconds">When it was refused, by the clock of whoever stored it.</param>
public sealed record DeadLetter(
    long Number, string Source, int Partition, long Position, string Reason, string Detail, ReadOnlyMemory<byte> Bytes, bool Redacted, long AtUnixSeconds);
