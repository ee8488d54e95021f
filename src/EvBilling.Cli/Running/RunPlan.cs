using EvBilling.Cli.Service;
using EvBilling.Engine;

namespace EvBilling.Cli.Running;

/// <summary>All that a run is told.</summary>
internal sealed record RunPlan(EventSource Events, string TariffsPath, string? LocationsPath, string Store, StoredOptions Stored, RunOptions Options)
{
    public ServiceOptions Service { get; init; } = ServiceOptions.Ending();

    /// <summary>Read the source again from its start.</summary>
    public bool FromStart { get; init; }
}
