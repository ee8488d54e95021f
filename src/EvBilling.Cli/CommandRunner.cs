using System.CommandLine;
using System.CommandLine.Parsing;
using EvBilling.Engine;

namespace EvBilling.Cli;

/// <summary>Wrong use, or input that cannot be read: exit code 2. The message says what, where and how to mend it.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Parses the command line, runs the verb, and turns what goes wrong into a sentence and an exit code.</summary>
internal static class CommandRunner
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    public static int Run(Command root, string[] args)
    {
        // No response files: a session id may begin with @.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && !args.Any(arg => arg is "--help" or "-h" or "-?"))
        {
            if (args.Length == 0)
            {
                root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = Console.Error });
                return WrongUse;
            }
            Say($"{Problem(parsed)}. `evbilling {Verb(parsed, root)}--help` shows what is possible.");
            return WrongUse;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UsageException e)
        {
            Say(e.Message);
            return WrongUse;
        }
        catch (BillStoreException e)
        {
            Say(e.Message);
            return e.IsUnusable ? WrongUse : Failed;
        }
        catch (EventLogException e)
        {
            Say(e.Message);
            return Failed;
        }
        catch (IOException e) when (IsClosedPipe(e))
        {
            // Whoever read the output has seen enough.
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(e.Message);
            return Failed;
        }
    }

    public static void Say(string message) => Console.Error.WriteLine("evbilling: " + message);

    // What is not known at all says more than what is missing for that reason.
    private static string Problem(ParseResult parsed) => parsed.UnmatchedTokens.Count > 0
        ? $"{parsed.UnmatchedTokens[0]} is no verb or option that is known here"
        : parsed.Errors[0].Message.TrimEnd('.');

    private static bool IsClosedPipe(IOException e) => e.Message.Contains("Broken pipe", StringComparison.Ordinal);

    // "contacts erase " of a verb within a verb.
    private static string Verb(ParseResult parsed, Command root)
    {
        var words = "";
        for (var result = parsed.CommandResult; result.Command != root; result = (CommandResult)result.Parent!)
        {
            words = $"{result.Command.Name} {words}";
        }
        return words;
    }
}
