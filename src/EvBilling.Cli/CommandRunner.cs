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

    public static int Run(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && !args.Any(arg => arg is "--help" or "-h" or "-?"))
        {
            Say(parsed.Errors[0].Message.TrimEnd('.') + $". `evbilling {Verb(parsed)}--help` shows what is possible.");
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

    private static bool IsClosedPipe(IOException e) => e.Message.Contains("Broken pipe", StringComparison.Ordinal);

    private static string Verb(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
}
