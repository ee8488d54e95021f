using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Cli.Explain;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Pricing;

/// <summary>A CDR's price for a person: its periods, which element priced what and why the others did not, sums and rounding.</summary>
internal static class PriceExplanationText
{
    private const int PeriodsMax = 60;
    private const long NsPerDay = 24L * 3600 * 1_000_000_000;

    /// <exception cref="PricingException">An amount has too many digits.</exception>
    public static void Write(TextWriter to, string id, PricedCdr priced)
    {
        var zone = priced.Zone;
        var bill = Bill(id, priced);
        var explanation = new BillExplanation
        {
            Bill = bill,
            Versions = [],
            Place = default,
            Zone = new TimeZoneChoice(zone?.Zone, zone is null ? TimeZoneOrigin.None : TimeZoneOrigin.Default),
            Tariff = new TariffEntry { Index = 0, Json = default, Tariff = priced.Tariff.Source },
            Pricing = PricingExplainer.ExplainResult(bill, priced.Tariff, priced.Result),
            Timeline = [],
        };
        var page = new Page(to);
        WriteHeading(page, bill, priced, zone);
        WritePeriods(page, bill, zone);
        if (bill.Lines.Count == 0)
        {
            page.Section("How it was priced");
            page.Paragraph("Nothing was priced: no element of the tariff has a price for what was measured.");
        }
        else
        {
            PricingText.Write(page, explanation);
        }
        SumsText.Write(page, explanation);
        WriteFlags(page, priced);
    }

    private static Bill Bill(string id, PricedCdr priced)
    {
        var amounts = PriceJson.Rounded(priced);
        var periods = priced.Cdr.Periods;
        var (energy, charging, parking) = (Int128.Zero, Int128.Zero, Int128.Zero);
        foreach (ref readonly var period in periods)
        {
            energy += period.EnergyMwh;
            charging += period.TimeNs;
            parking += period.ParkingTimeNs;
        }
        return new Bill
        {
            SessionId = id,
            Status = BillStatus.Final,
            Flags = BillFlag.None,
            TariffId = priced.Tariff.Source.Id,
            Currency = priced.Tariff.Currency.Code,
            StartedAtNs = priced.Cdr.StartUnixNs,
            EndedAtNs = priced.Cdr.EndUnixNs,
            EnergyMwh = (long)Int128.Clamp(energy, long.MinValue, long.MaxValue),
            ChargingNs = (long)Int128.Clamp(charging, 0, long.MaxValue),
            ParkingNs = (long)Int128.Clamp(parking, 0, long.MaxValue),
            WaitingNs = 0,
            TotalExclVat = amounts.TotalExclVat,
            TotalInclVat = amounts.TotalInclVat,
            VatBreakdown = amounts.VatBreakdown,
            Lines = amounts.Lines,
            Periods = periods.ToArray(),
            Readings = 0,
        };
    }

    private static void WriteHeading(Page page, Bill bill, PricedCdr priced, RatingZone? zone)
    {
        page.Title($"CDR {Printable.Of(bill.SessionId)}", Words.Money(bill.TotalInclVat ?? bill.TotalExclVat!.Value, bill.Currency));
        if (priced.Cdr.IsCredit)
        {
            page.Paragraph(priced.Tariff.Options.Credit == CreditRule.Negated
                ? "A credit CDR: it takes back the amounts below, so its total_cost is negative."
                : "A credit CDR: it takes back the amounts below.");
        }
        page.Fact("Tariff", string.Join(", ", priced.Tariff.Sources.Select(tariff => Printable.Of(tariff.Id))));
        page.Fact("Started", Words.Moment(bill.StartedAtNs, zone?.Zone));
        page.Fact("Ended", Words.Moment(bill.EndedAtNs, zone?.Zone));
        page.Fact("", zone is null ? "No time zone was stated, and the tariff needs none." : $"Local time is that of {zone.Zone.Id}.");
        var readings = string.Join(", ", RatingReadings.Differing(priced.Tariff.Options).Select(reading => $"{reading.Name}={reading.Value}"));
        page.Fact("Readings", readings.Length == 0 ? "EvBilling's own" : $"EvBilling's own but {readings}");
    }

    private static void WritePeriods(Page page, Bill bill, RatingZone? zone)
    {
        if (bill.Periods.Count == 0)
        {
            return;
        }
        page.Section("Charging periods");
        var withDay = bill.EndedAtNs - bill.StartedAtNs >= NsPerDay;
        var hasReservation = bill.Periods.Any(period => period.ReservationTimeNs != 0);
        var rows = new List<string[]> { new[] { zone is null ? "From (UTC)" : "From (local)", "Energy", "Charging", "Parking", hasReservation ? "Reserved" : "", "Priced by element" } };
        rows.AddRange(bill.Periods.Take(PeriodsMax).Select((period, index) => new[]
        {
            Short(period.StartUnixNs, zone, withDay || index == 0), Words.Kwh(period.EnergyMwh), Words.Duration(period.TimeNs), Words.Duration(period.ParkingTimeNs),
            hasReservation ? Words.Duration(period.ReservationTimeNs) : "", PricedBy(bill, index),
        }));
        page.Table(rows, [false, true, true, true, true, false], 2);
        if (bill.Periods.Count > PeriodsMax)
        {
            page.Paragraph($"... and {bill.Periods.Count - PeriodsMax} more.", 2);
        }
    }

    private static string PricedBy(Bill bill, int index)
    {
        var period = bill.Periods[index];
        var pricing = bill.Lines.Where(line => line.Element != BillLine.NoElement && line.FromUnixNs <= period.StartUnixNs
            && (line.Dimension == "FLAT" ? line.FromUnixNs == period.StartUnixNs : line.ToUnixNs > period.StartUnixNs) && Has(line.Dimension, period));
        var text = string.Join(", ", pricing.Select(line => $"{line.Dimension} {line.Element + 1}"));
        return text.Length == 0 ? "none" : text;
    }

    private static bool Has(string dimension, in RatingPeriod period) => dimension switch
    {
        "ENERGY" => period.EnergyMwh != 0,
        "TIME" => period.TimeNs != 0,
        "PARKING_TIME" => period.ParkingTimeNs != 0,
        "RESERVATION_TIME" => period.ReservationTimeNs != 0,
        _ => true,
    };

    private static void WriteFlags(Page page, PricedCdr priced)
    {
        var names = priced.Flags.ToList();
        if (names.Count == 0)
        {
            return;
        }
        page.Section("What to know about it");
        foreach (var name in names)
        {
            page.Item($"{PriceFlagWords.Of(name)} ({name})");
        }
    }

    private static string Short(long unixNs, RatingZone? zone, bool withDay)
    {
        var text = zone is null ? Words.Time(unixNs) : Words.LocalTime(unixNs, zone.Zone).Split(" (")[0];
        return withDay ? text : text.Split(' ')[1];
    }
}
