namespace EvBilling.Simulator;

/// <summary>An option lies outside what can be simulated; the message names the option, its value and the remedy.</summary>
public sealed class SimulationOptionsException : ArgumentException
{
    /// <summary>Creates the exception without a message.</summary>
    public SimulationOptionsException()
    {
    }

    /// <summary>Creates the exception with a message for a person.</summary>
    public SimulationOptionsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public SimulationOptionsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
