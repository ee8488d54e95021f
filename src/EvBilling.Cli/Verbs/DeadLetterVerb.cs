using System.CommandLine;
using System.Text;
using EvBilling.Engine;
using EvBilling.Events;
using EvBilling.Kafka.Reading;

namespace EvBilling.Cli.Verbs;

/// <summary><c>dead-letter</c>: refused events, and putting them through again.</summary>
internal static class DeadLetterVerb
{
    private const int ShownTextMax = 100;

    public static Command Create(CancellationToken stop)
    {
        var store = new Option<string>("--store") { Description = StoreTarget.Description, HelpName = "STORE", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var retry = new Option<bool>("--retry") { Description = "Put them through again: those that are accepted now are billed, and leave the list." };
        var command = new Verb(
            "dead-letter",
            "Refused events, each with its position and the reason.",
            "evbilling dead-letter --store sqlite:bills.db\n"
            + "evbilling dead-letter --store sqlite:bills.db --json | jq -r .reason | sort | uniq -c\n"
            + "evbilling dead-letter --store sqlite:bills.db --retry")
        {
            store, json, retry,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(retry))
            {
                Retry(parsed.GetValue(store)!, stop);
                return 0;
            }
            using var opened = StoreTarget.OpenToRead(parsed.GetValue(store)!);
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            foreach (var letter in opened.ReadDeadLetters())
            {
                output.Write(Encoding.UTF8.GetBytes(parsed.GetValue(json) ? Json(letter) : Text(letter)));
                output.WriteByte((byte)'\n');
            }
            return 0;
        });
        return command;
    }

    private static void Retry(string target, CancellationToken stop)
    {
        using var letters = StoreTarget.OpenToRead(target);
        using var store = StoreTarget.Open(target);
        store.BeginWriting();
        var stored = store.ReadOptions() ?? throw new UsageException($"The store {StoreTarget.NameOf(target)} has seen no run yet; `evbilling run` comes first.");
        using var log = new DeadLetterLog(letters);
        var options = new RunOptions { CloseAfter = TimeSpan.FromSeconds(stored.CloseAfterSeconds), KeepSessions = TimeSpan.Zero };
        var summary = new BillingJob(store, stored, options).Run(log, new ProgressLine("dead-letter"), stop);
        var accepted = summary.NewEvents + summary.Duplicates;
        Console.Error.WriteLine($"{summary.Events:N0} refused events were put through again: {accepted:N0} are accepted now, {summary.Events - accepted:N0} stay refused.");
    }

    private static string Json(DeadLetter letter) => JsonObjectText.Of(writer =>
    {
        writer.WriteString("source", letter.Source);
        writer.WriteNumber("partition", letter.Partition);
        writer.WriteNumber("position", letter.Position);
        writer.WriteString("reason", letter.Reason);
        writer.WriteString("detail", letter.Detail);
        writer.WriteString("text", Encoding.UTF8.GetString(letter.Bytes.Span));
        writer.WriteBase64String("bytes_base64", letter.Bytes.Span);
        writer.WriteString("at", Rfc3339.Format(letter.AtUnixSeconds * Rfc3339.NsPerSecond));
        if (letter.Redacted)
        {
            writer.WriteBoolean("redacted", true);
        }
    });

    private static string Text(DeadLetter letter)
    {
        var text = new string([.. Encoding.UTF8.GetString(letter.Bytes.Span[..Math.Min(letter.Bytes.Length, ShownTextMax)]).Select(c => char.IsControl(c) ? ' ' : c)]);
        var where = letter.Source.StartsWith(TopicIdentity.SourceOf(""), StringComparison.Ordinal) ? $"partition {letter.Partition}, offset {letter.Position}" : $"at byte {letter.Position}";
        return $"{letter.Source} {where}: {letter.Reason}\n  {letter.Detail}\n  {text}{(letter.Bytes.Length > ShownTextMax ? " ..." : "")}";
    }
}
