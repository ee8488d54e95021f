namespace EvBilling.Functions;

/// <summary>A setting is wrong or missing. The message names it and says how to mend it; it never has the value of a secret.</summary>
internal sealed class SettingsException(string message) : Exception(message);
