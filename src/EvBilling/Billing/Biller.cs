using System.Runtime.InteropServices;
using System.Text;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Billing;

/// <summary>
/// Makes the bill of a session: a pure function of the set of its events, the tariffs and the locations. One biller serves one thread, session after session.
/// </summary>
public sealed class Biller(TariffBook<BillableTariff> tariffs, LocationBook locations, BillingOptions options)
{
    /// <summary>The greatest power of a connector that states none: 400 kW, in milliwatts.</summary>
    public const long DefaultMaxPowerMw = 400_000_000;

    private readonly SessionAssembler _assembler = new(options.Rating.ParkingStates);
    private readonly string _readings = RatingReadings.Text(options.Rating);
    private readonly PeriodCutter _cutter = new();
    private readonly RatingResult _rating = new();
    private readonly TimeZoneChooser _zones = new(options.DefaultZone, options.Rating.Zone == ZoneRule.Country);
    private readonly Dictionary<DateTimeZone, RatingZone> _ratingZones = [];
    private readonly List<PeriodMeasures> _measures = [];

    /// <summary>What the session of the last bill was; valid until the next bill.</summary>
    public AssembledSession Session { get; private set; } = new();

    /// <summary>How the tariff of the last bill was found.</summary>
    public TariffChoice<BillableTariff> Choice { get; private set; }

    /// <summary>The bill as the events stand, its version 0.</summary>
    /// <param name="record">At least one event.</param>
    /// <param name="isClosed">Whether the close policy has marked the session closed.</param>
    /// <param name="notLoadedAfter">Of a session that once was final: the sequence of the newest tariff version that may rate it.</param>
    public Bill Make(SessionRecord record, bool isClosed, long? notLoadedAfter)
    {
        var session = _assembler.Begin(record);
        var place = locations.Find(
            record.Text(session.LocationText), record.Text(session.StationText), record.Text(session.EvseText), record.Text(session.ConnectorText));
        var maxPowerMw = place.Connector?.MaxElectricPowerW is { } watts and > 0 ? watts * 1000L : DefaultMaxPowerMw;
        _assembler.Complete(isClosed, maxPowerMw, options.MaxSessionNs);
        Session = session;
        var flags = session.Flags;

        Choice = tariffs.Choose(
            record.Text(session.TariffText),
            new TariffQuery(null, place, options.DefaultTariffId, At(session.StartNs), notLoadedAfter));
        var tariff = Choice.Version?.Payload;
        flags |= Choice.TariffIdUnknown ? BillFlag.TariffIdUnknown : 0;
        flags |= Choice.Outcome switch
        {
            TariffOutcome.UnknownTariff => BillFlag.UnknownTariff,
            TariffOutcome.TariffAmbiguous => BillFlag.TariffAmbiguous,
            _ => tariff!.Compiled is null ? BillFlag.TariffRefused : BillFlag.None,
        };
        var compiled = tariff?.Compiled;
        IReadOnlyList<TariffVersion<BillableTariff>> changes = [];
        if (options.Rating.MidSessionChange == MidSessionChangeRule.PerPeriod && compiled is not null && session.EndNs > session.StartNs)
        {
            changes = tariffs.Changes(Choice.Version!, At(session.StartNs), At(session.EndNs), notLoadedAfter);
            compiled = changes.Count == 0 ? compiled : Together(compiled, changes);
            flags |= compiled is null ? BillFlag.TariffRefused : BillFlag.None;
        }
        RatedAmounts? amounts = null;
        if ((flags & BillFlag.Holding) == 0 && session.IsEnergyKnown && session.EndNs >= session.StartNs)
        {
            amounts = Rate(session, compiled!, place, ref flags);
        }
        var isOver = isClosed || session.HasEnded;
        return new Bill
        {
            SessionId = record.SessionId,
            Status = !isOver ? BillStatus.Open : (flags & BillFlag.Holding) != 0 ? BillStatus.Held : BillStatus.Final,
            Flags = flags,
            LocationId = Text(record, session.LocationText),
            StationId = Text(record, session.StationText),
            EvseId = Text(record, session.EvseText),
            ConnectorId = Text(record, session.ConnectorText),
            TokenId = Text(record, session.TokenText),
            TariffId = Choice.TariffId ?? Text(record, session.TariffText),
            TariffSequence = Choice.Version?.LoadedSequence,
            TariffChanges = changes.Count == 0 ? [] : [.. changes.Select(version => new TariffChange(version.Began.ToUnixTimeTicks() * 100, version.LoadedSequence))],
            RatingReadings = _readings,
            Currency = tariff?.Compiled?.Currency.Code,
            StartedAtNs = session.StartNs,
            EndedAtNs = session.EndNs,
            EnergyMwh = session.IsEnergyKnown ? session.EnergyMwh : null,
            ChargingNs = session.ChargingNs,
            ParkingNs = session.ParkingNs,
            WaitingNs = session.WaitingNs,
            TotalExclVat = amounts?.TotalExclVat,
            TotalInclVat = amounts?.TotalInclVat,
            VatBreakdown = amounts?.VatBreakdown ?? [],
            Lines = amounts?.Lines ?? [],
            Periods = amounts is null ? [] : _cutter.Periods.ToArray(),
            Measures = amounts is null ? [] : _measures.ToArray(),
            Readings = session.Readings.Count,
        };
    }

    /// <summary>Which connector, and when: what a session's events say without tariff or location. Valid until the next call.</summary>
    public AssembledSession Look(SessionRecord record) => _assembler.Begin(record);

    private RatedAmounts? Rate(AssembledSession session, CompiledTariff tariff, LocationMatch place, ref BillFlag flags)
    {
        RatingZone? zone = null;
        if (tariff.NeedsLocalTime)
        {
            zone = Zone(place);
            if (zone is null)
            {
                flags |= BillFlag.TimeZoneUnknown;
                return null;
            }
        }
        _cutter.Cut(session, tariff, zone);
        _measures.Clear();
        if (tariff.NeedsMeasures)
        {
            _assembler.Measure(_cutter.Periods, _measures);
        }
        Rater.Rate(
            new RatingSession(_cutter.StartNs, _cutter.EndNs, _cutter.Periods) { Zone = zone, Measures = CollectionsMarshal.AsSpan(_measures) }, tariff, _rating);
        RatedAmounts amounts;
        try
        {
            amounts = BillAmounts.Round(_rating, _cutter.Periods);
        }
        catch (OverflowException)
        {
            flags |= BillFlag.AmountTooLarge;
            return null;
        }
        flags |= (amounts.Flags & RatingFlags.VatNotStated) != 0 ? BillFlag.VatNotStated : 0;
        flags |= (amounts.Flags & RatingFlags.PowerNotMeasured) != 0 ? BillFlag.PowerNotMeasured : 0;
        flags |= (amounts.Flags & RatingFlags.VatOfMinPriceUnknown) != 0 ? BillFlag.VatOfMinPriceUnknown : 0;
        flags |= (amounts.Flags & RatingFlags.VatSetByLimit) != 0 ? BillFlag.VatSetByLimit : 0;
        flags |= Interpolation.DecidesAPrice(_rating, _cutter.Periods, new EnergyCourse(session)) ? BillFlag.EnergyInterpolated : 0;
        return amounts;
    }

    private static Instant At(long unixNs) => Instant.FromUnixTimeTicks(unixNs / 100);

    /// <summary>Rule <c>mid_session_change</c>: the versions as one; null where one of them is refused, or where they have not the same currency.</summary>
    private CompiledTariff? Together(CompiledTariff first, IReadOnlyList<TariffVersion<BillableTariff>> changes)
    {
        var versions = new List<Tariff> { first.Source };
        foreach (var change in changes)
        {
            if (change.Payload.Compiled is not { } later)
            {
                return null;
            }
            versions.Add(later.Source);
        }
        return CompiledTariff.TryCompile(versions, null, options.Rating, out var compiled, out _) ? compiled : null;
    }

    private RatingZone? Zone(LocationMatch place)
    {
        if (_zones.Choose(place.Location).Zone is not { } zone)
        {
            return null;
        }
        if (!_ratingZones.TryGetValue(zone, out var known))
        {
            _ratingZones[zone] = known = new RatingZone(zone);
        }
        return known;
    }

    private static string? Text(SessionRecord record, int index) => index == 0 ? null : Encoding.UTF8.GetString(record.Text(index));
}
