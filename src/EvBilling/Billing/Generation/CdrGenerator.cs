using System.Diagnostics.CodeAnalysis;
using System.Text;
using EvBilling.Billing.Ocpi;
using EvBilling.Events;
using EvBilling.Locations;
using EvBilling.Rating;
using EvBilling.Sessions;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Billing.Generation;

/// <summary>
/// Makes the CDR of a session that is made up: its events are billed as those of any session, so that its periods begin at every moment that may change the
/// price (rule <c>unsplit</c>).
/// </summary>
public static class CdrGenerator
{
    private const string UnknownId = "UNKNOWN";
    private const long NsPerHour = 3_600_000_000_000;
    private const long NsPerMs = 1_000_000;
    private const long MwPerW = 1_000;

    /// <summary>Makes the bill and what its CDR states besides.</summary>
    /// <param name="id">The session's; the CDR's id is made of it.</param>
    /// <param name="entry">A tariff that was read.</param>
    /// <param name="zone">Where local time comes from, if the location states no zone; null = not known.</param>
    /// <param name="problem">Set where it returns false: what is wrong, and the remedy.</param>
    public static bool TryMake(
        string id, SupplyRequest request, TariffEntry entry, DateTimeZone? zone, [NotNullWhen(true)] out CdrItem? cdr, [NotNullWhen(true)] out CdrFacts? facts,
        [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(entry);
        (cdr, facts, problem) = (null, null, null);
        if (entry.Tariff is not { } tariff)
        {
            problem = entry.Refusal!.Message;
            return false;
        }
        if (!CompiledTariff.TryCompile(tariff, null, out var compiled, out var refusal))
        {
            problem = refusal.Message;
            return false;
        }
        var places = new LocationBook([request.Location ?? Unknown(request)]);
        var place = PlaceOf(places.Locations[0]);
        var biller = new Biller(
            new TariffBook<BillableTariff>([Version(tariff, compiled)]), places, new BillingOptions { MaxSessionNs = SupplyRequest.LengthNsMax, DefaultZone = zone });
        var session = new MadeSession(id, tariff.Id, place, request);
        var bill = biller.Make(session.Record, isClosed: false, notLoadedAfter: null);
        if (bill.Status == BillStatus.Final && compiled.NeedsMeasures)
        {
            session.Measure(bill.Periods);
            bill = biller.Make(session.Record, isClosed: false, notLoadedAfter: null);
        }
        if (bill.Status != BillStatus.Final)
        {
            problem = string.Join(' ', HeldRemedies(bill.Flags));
            return false;
        }
        bill.Version = 1;
        cdr = new CdrItem(bill, IsCredit: false);
        facts = new CdrFacts
        {
            Place = places.Find(place.LocationId, null, place.EvseId, place.ConnectorId),
            TariffJson = entry.Json,
            Token = request.Token,
            LastUpdated = Instant.FromUnixTimeTicks(request.EndUnixNs / 100),
            Placeholders = true,
        };
        return true;
    }

    private static IEnumerable<string> HeldRemedies(BillFlag flags) => Explain.HeldRemedies.Of(flags).Select(held => $"{held.Name}: {held.Meaning} {held.Remedy}");

    private static TariffVersion<BillableTariff> Version(Tariff tariff, CompiledTariff compiled) => new()
    {
        Id = tariff.Id,
        CountryCode = tariff.CountryCode,
        PartyId = tariff.PartyId,
        StartDateTime = tariff.StartDateTime,
        EndDateTime = tariff.EndDateTime,
        LastUpdated = tariff.LastUpdated,
        LoadedSequence = 1,
        ContentHash = "",
        Payload = new(compiled, null),
    };

    // Of a place that nobody states, the connector gives what the request asks of it.
    private static Location Unknown(SupplyRequest request) => new()
    {
        Id = UnknownId,
        Evses = [new Evse { Uid = UnknownId, Connectors = [new Connector { Id = UnknownId, MaxElectricPowerW = (int)((request.PowerMw + MwPerW - 1) / MwPerW) }] }],
    };

    private static MadePlace PlaceOf(Location location)
    {
        var evse = location.Evses.FirstOrDefault(evse => !evse.Removed && evse.Connectors.Length > 0) ?? location.Evses.FirstOrDefault();
        return new(location.Id, evse?.Uid ?? evse?.EvseId, evse?.Connectors.FirstOrDefault()?.Id);
    }

    private sealed record MadePlace(string LocationId, string? EvseId, string? ConnectorId);

    /// <summary>The events of the session.</summary>
    private sealed class MadeSession
    {
        private readonly List<byte> _texts = [];
        private readonly SupplyRequest _request;
        private readonly long _chargingEndNs;
        private ChargingEvent _common;
        private readonly byte[] _buffer;

        public MadeSession(string id, string tariffId, MadePlace place, SupplyRequest request)
        {
            _request = request;
            var sessionId = id.Length == 0 ? UnknownId : id;
            Record = new SessionRecord(Encoding.UTF8.GetBytes(sessionId));
            _common = new ChargingEvent { Members = EventMembers.Type | EventMembers.SessionId | EventMembers.Timestamp, SessionId = Slice(sessionId) };
            State(EventMembers.LocationId, place.LocationId, ref _common.LocationId);
            State(EventMembers.EvseId, place.EvseId, ref _common.EvseId);
            State(EventMembers.ConnectorId, place.ConnectorId, ref _common.ConnectorId);
            State(EventMembers.TariffId, tariffId, ref _common.TariffId);
            State(EventMembers.TokenId, request.Token?.ContractId, ref _common.TokenId);
            _buffer = [.. _texts];
            var lengthNs = request.EndUnixNs - request.StartUnixNs;
            var possibleMwh = (Int128)request.PowerMw * lengthNs / NsPerHour;
            var isDone = request.RequestedMwh <= possibleMwh;
            var energyMwh = isDone ? request.RequestedMwh : (long)possibleMwh;
            // Up to the next millisecond: never faster than the power allows.
            _chargingEndNs = isDone
                ? Math.Min(request.EndUnixNs, (request.StartUnixNs + (long)((((Int128)energyMwh * NsPerHour) + request.PowerMw - 1) / request.PowerMw) + NsPerMs - 1) / NsPerMs * NsPerMs)
                : request.EndUnixNs;
            Add(ChargingEventType.Started, request.StartUnixNs, 0, ChargingState.Charging);
            if (isDone)
            {
                Add(ChargingEventType.Updated, _chargingEndNs, energyMwh, ChargingState.SuspendedEV);
            }
            Add(ChargingEventType.Ended, request.EndUnixNs, energyMwh, null);
        }

        public SessionRecord Record { get; }

        /// <summary>States power and current once in each period.</summary>
        public void Measure(IReadOnlyList<RatingPeriod> periods)
        {
            foreach (var period in periods)
            {
                var isCharging = period.StartUnixNs < _chargingEndNs;
                var e = _common;
                e.Type = ChargingEventType.Updated;
                e.TimestampNs = period.StartUnixNs;
                e.Members |= EventMembers.Power;
                e.PowerMw = isCharging ? _request.PowerMw : 0;
                if (_request.CurrentMa is { } currentMa)
                {
                    e.Members |= EventMembers.Current;
                    e.CurrentMa = isCharging ? currentMa : 0;
                }
                Record.Add(e, _buffer);
            }
        }

        private void Add(ChargingEventType type, long timestampNs, long meterMwh, ChargingState? state)
        {
            var e = _common;
            e.Type = type;
            e.TimestampNs = timestampNs;
            e.Members |= EventMembers.Meter;
            e.MeterMwh = meterMwh;
            if (state is { } known)
            {
                e.Members |= EventMembers.ChargingState;
                e.ChargingState = known;
            }
            Record.Add(e, _buffer);
        }

        private void State(EventMembers member, string? text, ref TextSlice slice)
        {
            if (text is not null)
            {
                slice = Slice(text);
                _common.Members |= member;
            }
        }

        private TextSlice Slice(string text)
        {
            var start = _texts.Count;
            _texts.AddRange(Encoding.UTF8.GetBytes(text));
            return new(start, _texts.Count - start);
        }
    }
}
