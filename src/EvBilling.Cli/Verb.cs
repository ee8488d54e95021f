using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace EvBilling.Cli;

/// <summary>A verb of the program, with examples that its own help shows.</summary>
internal sealed class Verb(string name, string description, string examples) : Command(name, description)
{
    /// <summary>One a line.</summary>
    public string Examples { get; } = examples;
}

/// <summary>Help as the library writes it, then the verb's examples.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
        {
            parseResult.InvocationConfiguration.Output.WriteLine("Examples:");
            foreach (var example in verb.Examples.Split('\n'))
            {
                parseResult.InvocationConfiguration.Output.WriteLine("  " + example.Trim());
            }
        }
        return exitCode;
    }
}
