using System.Text;
using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Engine;

namespace EvBilling.Cli.Explain;

/// <summary>Explains the bills of a store.</summary>
internal static class StoreExplainer
{
    /// <summary>Writes the explanation of a session's bill.</summary>
    /// <returns>False if the store knows no such session; then nothing is written.</returns>
    public static bool Write(TextWriter to, IBillStore store, string sessionId)
    {
        var session = store.FindSession(Encoding.UTF8.GetBytes(sessionId));
        Bill[] stored = [.. store.ReadBills(sessionId, allVersions: true)];
        if (session is null && stored.Length == 0)
        {
            return false;
        }
        var options = store.ReadOptions();
        var billing = new StoredBilling(store, options);
        var bySequence = billing.Tariffs.ToDictionary(tariff => tariff.Sequence, tariff => tariff.Entry);
        var explainer = new BillExplainer(
            billing.CreateBiller(),
            billing.Locations,
            billing.Options,
            sequence => bySequence.GetValueOrDefault(sequence));
        var explanation = explainer.Explain(stored, session is null ? null : new(session.Record, session.State, session.TariffsUntil));
        ExplanationText.Write(to, explanation, new StoreFacts(options));
        return true;
    }
}
