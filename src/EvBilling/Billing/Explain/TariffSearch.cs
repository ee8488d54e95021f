using EvBilling.Locations;
using EvBilling.Tariffs;

namespace EvBilling.Billing.Explain;

/// <summary>How a session's tariff was found, or why not.</summary>
/// <param name="Id">The id that decided, as the file spells it; null = none that was named is in a file.</param>
/// <param name="Step">Where it was named.</param>
/// <param name="PassedOver">Ids that come before it and are in no file, each with where it was named, in order.</param>
public sealed record TariffSearch(TariffOutcome Outcome, string? Id, TariffStep Step, IReadOnlyList<(TariffStep Step, string Id)> PassedOver)
{
    public static TariffSearch Retrace(string? statedId, LocationMatch place, string? defaultId, TariffChoice<BillableTariff> choice)
    {
        var named = new List<(TariffStep Step, string Id)>();
        Add(TariffStep.Session, statedId is null ? [] : [statedId]);
        Add(TariffStep.Connector, place.ConnectorTariffIds);
        Add(TariffStep.Evse, place.Evse?.TariffIds ?? []);
        Add(TariffStep.Station, place.Station?.TariffIds ?? []);
        Add(TariffStep.Location, place.Location?.TariffIds ?? []);
        Add(TariffStep.Default, defaultId is null ? [] : [defaultId]);
        var passedOver = named.TakeWhile(name => name.Step != choice.Step || !string.Equals(name.Id, choice.TariffId, StringComparison.OrdinalIgnoreCase));
        return new(choice.Outcome, choice.TariffId, choice.Step, [.. passedOver.Distinct()]);

        void Add(TariffStep step, IEnumerable<string> ids) => named.AddRange(ids.Where(id => id.Length > 0).Select(id => (step, id)));
    }
}
