using System.Text.Json;
using EvBilling.Events;
using EvBilling.Rating;

namespace EvBilling.Billing.Ocpi;

/// <summary>
/// Writes CDR objects (OCPI 2.2.1 mod_cdrs 1.3.1) from bills, in the order of its members there. Numbers are exact: money at the currency's minor unit, energy
/// and hours at 4 decimals, each hour rounded once from its exact length. Read back with rule <c>period_snap</c>, periods and tariff rate to its total_cost.
/// </summary>
public static class CdrWriter
{
    // A ten-thousandth of an hour, and of a kWh.
    private const long HoursUnitNs = 360_000_000;
    private const long EnergyUnitMwh = 100;
    private const byte Decimals = 4;

    /// <summary>What OCPI requires and nobody stated, in words: "the location's city"; empty = the CDR can be written.</summary>
    public static IReadOnlyList<string> MissingFacts(Bill bill, CdrFacts facts)
    {
        ArgumentNullException.ThrowIfNull(bill);
        ArgumentNullException.ThrowIfNull(facts);
        return facts.Placeholders ? [] : new CdrSubject(bill, facts).Missing;
    }

    /// <summary>Writes a CDR, or nothing of it where facts are missing.</summary>
    /// <param name="missing">As of <see cref="MissingFacts"/>.</param>
    /// <returns>Whether it was written: always with <see cref="CdrFacts.Placeholders"/>.</returns>
    /// <exception cref="ArgumentException">The bill is not final: only what was final has a CDR.</exception>
    public static bool TryWrite(Utf8JsonWriter writer, CdrItem item, CdrFacts facts, out IReadOnlyList<string> missing)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(facts);
        if (item.Bill is not { Status: BillStatus.Final, TotalExclVat: { } totalExclVat, Currency: { } currency })
        {
            throw new ArgumentException($"Version {item.Bill.Version} of session {item.Bill.SessionId} is no final bill.", nameof(item));
        }
        var subject = new CdrSubject(item.Bill, facts);
        missing = facts.Placeholders ? [] : subject.Missing;
        if (missing.Count > 0)
        {
            return false;
        }
        Write(writer, item, facts, subject, totalExclVat, currency);
        return true;
    }

    private static void Write(Utf8JsonWriter writer, CdrItem item, CdrFacts facts, CdrSubject subject, decimal totalExclVat, string currency)
    {
        var bill = item.Bill;
        writer.WriteStartObject();
        writer.WriteString("country_code"u8, subject.CountryCode);
        writer.WriteString("party_id"u8, subject.PartyId);
        writer.WriteString("id"u8, item.Id);
        // At the precision at which the session was cut into periods.
        var startNs = PeriodCutter.RoundToMs(bill.StartedAtNs);
        var endNs = PeriodCutter.RoundToMs(bill.EndedAtNs);
        WriteTime(writer, "start_date_time"u8, startNs);
        WriteTime(writer, "end_date_time"u8, endNs);
        writer.WriteString("session_id"u8, OcpiId.Of(bill.SessionId, 36));
        WriteToken(writer, subject.Token);
        writer.WriteString("auth_method"u8, facts.AuthMethod);
        WriteLocation(writer, subject.Location);
        writer.WriteString("currency"u8, currency);
        if (subject.Tariff is { } tariff)
        {
            writer.WriteStartArray("tariffs"u8);
            foreach (var version in subject.LaterTariffs.Prepend(tariff))
            {
                version.Write(writer, subject.CountryCode, subject.PartyId, subject.TariffLastUpdated);
            }
            writer.WriteEndArray();
        }
        WritePeriods(writer, bill, subject.Tariff?.Id ?? (bill.TariffId is { } id ? OcpiId.Of(id, 36) : null));
        WriteTotals(writer, item, totalExclVat, endNs - startNs);
        if (item.CreditReferenceId is { } creditReferenceId)
        {
            writer.WriteBoolean("credit"u8, true);
            writer.WriteString("credit_reference_id"u8, creditReferenceId);
        }
        writer.WriteString("last_updated"u8, OcpiText.Time(facts.LastUpdated));
        writer.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter writer, CdrToken token)
    {
        writer.WriteStartObject("cdr_token"u8);
        writer.WriteString("country_code"u8, token.CountryCode);
        writer.WriteString("party_id"u8, token.PartyId);
        writer.WriteString("uid"u8, token.Uid);
        writer.WriteString("type"u8, token.Type);
        writer.WriteString("contract_id"u8, token.ContractId);
        writer.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter writer, CdrLocation location)
    {
        writer.WriteStartObject("cdr_location"u8);
        writer.WriteString("id"u8, location.Id);
        if (location.Name is not null)
        {
            writer.WriteString("name"u8, location.Name);
        }
        writer.WriteString("address"u8, location.Address);
        writer.WriteString("city"u8, location.City);
        if (location.PostalCode is not null)
        {
            writer.WriteString("postal_code"u8, location.PostalCode);
        }
        writer.WriteString("country"u8, location.Country);
        writer.WriteStartObject("coordinates"u8);
        writer.WriteString("latitude"u8, location.Latitude);
        writer.WriteString("longitude"u8, location.Longitude);
        writer.WriteEndObject();
        writer.WriteString("evse_uid"u8, location.EvseUid);
        writer.WriteString("evse_id"u8, location.EvseId);
        writer.WriteString("connector_id"u8, location.ConnectorId);
        writer.WriteString("connector_standard"u8, location.Standard);
        writer.WriteString("connector_format"u8, location.Format);
        writer.WriteString("connector_power_type"u8, location.PowerType);
        writer.WriteEndObject();
    }

    private static void WritePeriods(Utf8JsonWriter writer, Bill bill, string? tariffId)
    {
        writer.WriteStartArray("charging_periods"u8);
        for (var i = 0; i < bill.Periods.Count; i++)
        {
            var period = bill.Periods[i];
            writer.WriteStartObject();
            WriteTime(writer, "start_date_time"u8, period.StartUnixNs);
            writer.WriteStartArray("dimensions"u8);
            // A period needs a dimension, and one of mere waiting has no other; the bill was rated with this 0, too (rule zero_volume).
            WriteDimension(writer, "ENERGY", KilowattHours(period.EnergyMwh));
            if (period.TimeNs != 0)
            {
                WriteDimension(writer, "TIME", Hours(period.TimeNs));
            }
            if (period.ParkingTimeNs != 0)
            {
                WriteDimension(writer, "PARKING_TIME", Hours(period.ParkingTimeNs));
            }
            if (i < bill.Measures.Count)
            {
                WriteMeasure(writer, "MIN_POWER", bill.Measures[i].MinPower);
                WriteMeasure(writer, "MAX_POWER", bill.Measures[i].MaxPower);
                WriteMeasure(writer, "MIN_CURRENT", bill.Measures[i].MinCurrent);
                WriteMeasure(writer, "MAX_CURRENT", bill.Measures[i].MaxCurrent);
            }
            writer.WriteEndArray();
            if (tariffId is not null)
            {
                writer.WriteString("tariff_id"u8, tariffId);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteMeasure(Utf8JsonWriter writer, string type, long? nanoUnits)
    {
        if (nanoUnits is { } measured)
        {
            WriteDimension(writer, type, Exact.Decimal(measured, 9));
        }
    }

    private static void WriteDimension(Utf8JsonWriter writer, string type, decimal volume)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteNumber("volume"u8, volume);
        writer.WriteEndObject();
    }

    private static void WriteTotals(Utf8JsonWriter writer, CdrItem item, decimal totalExclVat, long lengthNs)
    {
        var bill = item.Bill;
        // Rule credit, negated: of a credit CDR only total_cost is negative.
        var sign = item.IsCredit ? -1 : 1;
        WritePrice(writer, "total_cost"u8, sign * totalExclVat, sign * bill.TotalInclVat);
        WriteCost(writer, "total_fixed_cost"u8, bill, "FLAT");
        writer.WriteNumber("total_energy"u8, KilowattHours(bill.Periods.Sum(period => period.EnergyMwh)));
        WriteCost(writer, "total_energy_cost"u8, bill, "ENERGY");
        writer.WriteNumber("total_time"u8, Hours(lengthNs));
        WriteCost(writer, "total_time_cost"u8, bill, "TIME");
        // What PARKING_TIME was counted; time spent waiting for the station is neither parking nor charging.
        writer.WriteNumber("total_parking_time"u8, Hours(bill.Periods.Sum(period => period.ParkingTimeNs)));
        WriteCost(writer, "total_parking_cost"u8, bill, "PARKING_TIME");
    }

    private static void WriteCost(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Bill bill, string dimension)
    {
        var (exclVat, vat, isPriced) = (0m, (decimal?)0m, false);
        foreach (var line in bill.Lines)
        {
            if (line.Dimension == dimension)
            {
                isPriced = true;
                exclVat += line.AmountExclVat;
                vat += line.AmountVat;
            }
        }
        if (isPriced)
        {
            WritePrice(writer, name, exclVat, exclVat + vat);
        }
    }

    private static void WritePrice(Utf8JsonWriter writer, ReadOnlySpan<byte> name, decimal exclVat, decimal? inclVat)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("excl_vat"u8, Exact.Trim(exclVat));
        if (inclVat is { } known)
        {
            writer.WriteNumber("incl_vat"u8, Exact.Trim(known));
        }
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long unixNs)
    {
        Span<byte> text = stackalloc byte[30];
        writer.WriteString(name, text[..Rfc3339.Format(unixNs, text)]);
    }

    private static decimal Hours(long nanoseconds) => Exact.Decimal(Exact.RoundedQuotient(nanoseconds, HoursUnitNs), Decimals);

    private static decimal KilowattHours(long milliwattHours) => Exact.Decimal(Exact.RoundedQuotient(milliwattHours, EnergyUnitMwh), Decimals);
}
