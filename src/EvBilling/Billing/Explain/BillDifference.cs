namespace EvBilling.Billing.Explain;

/// <summary>What two bills of a session may differ in, as a person asks for it.</summary>
public enum BillFact
{
    Status,
    Start,
    End,
    Energy,
    Charging,
    Parking,
    Waiting,
    Tariff,
    TariffVersion,
    Total,
    Lines,
    Place,
    Token,
    Readings,
    Flags,
    RatingReadings,
}

/// <summary>Compares two bills of a session.</summary>
public static class BillDifference
{
    /// <summary>In what they differ, the facts in the order of their numbers. Lines and VAT count where the totals are the same.</summary>
    public static IReadOnlyList<BillFact> Between(Bill a, Bill b)
    {
        var facts = new List<BillFact>();
        Note(BillFact.Status, a.Status != b.Status);
        Note(BillFact.Start, a.StartedAtNs != b.StartedAtNs);
        Note(BillFact.End, a.EndedAtNs != b.EndedAtNs);
        Note(BillFact.Energy, a.EnergyMwh != b.EnergyMwh);
        Note(BillFact.Charging, a.ChargingNs != b.ChargingNs);
        Note(BillFact.Parking, a.ParkingNs != b.ParkingNs);
        Note(BillFact.Waiting, a.WaitingNs != b.WaitingNs);
        Note(BillFact.Tariff, a.TariffId != b.TariffId || a.Currency != b.Currency);
        Note(BillFact.TariffVersion, a.TariffId == b.TariffId && a.TariffSequence is { } one && b.TariffSequence is { } other && one != other);
        var total = a.TotalExclVat != b.TotalExclVat || a.TotalInclVat != b.TotalInclVat;
        Note(BillFact.Total, total);
        Note(BillFact.Lines, !total && !(a.Lines.SequenceEqual(b.Lines) && a.VatBreakdown.SequenceEqual(b.VatBreakdown)));
        Note(BillFact.Place, (a.LocationId, a.StationId, a.EvseId, a.ConnectorId) != (b.LocationId, b.StationId, b.EvseId, b.ConnectorId));
        Note(BillFact.Token, a.TokenId != b.TokenId);
        Note(BillFact.Readings, a.Readings != b.Readings);
        Note(BillFact.Flags, a.Flags != b.Flags);
        Note(BillFact.RatingReadings, a.RatingReadings != b.RatingReadings);
        return facts;

        void Note(BillFact fact, bool differs)
        {
            if (differs)
            {
                facts.Add(fact);
            }
        }
    }

    /// <summary>Whether they are the same but for their versions: which version of a tariff gave the same amounts is not content.</summary>
    public static bool SameContent(Bill a, Bill b) => Between(a, b).All(fact => fact == BillFact.TariffVersion);
}
