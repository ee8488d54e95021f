using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cdrs;

/// <summary>Reads a CDR, leniently where the price does not depend on it; what decides the price and can't be read refuses the CDR, naming its path.</summary>
public static class CdrReader
{
    private static readonly TariffRefusal NotUnicode = new("", "The CDR is not valid Unicode; please write it as UTF-8.");

    /// <summary>Reads the JSON text of a CDR.</summary>
    /// <param name="utf8Json">The text, all of which is validated (RFC 8259); members that appear twice are refused.</param>
    /// <returns>False: see <paramref name="refusal"/>. Never throws for what the text says.</returns>
    /// <inheritdoc cref="TryRead(JsonElement, RatingOptions, out Cdr?, out TariffRefusal?)"/>
    public static bool TryRead(
        ReadOnlyMemory<byte> utf8Json, RatingOptions options, [NotNullWhen(true)] out Cdr? cdr, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(options);
        refusal = null;
        if (QuickCdrReader.TryRead(utf8Json.Span, out cdr))
        {
            return true;
        }
        if (!Utf8.IsValid(utf8Json.Span))
        {
            refusal = NotUnicode;
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(utf8Json, OcpiJson.Strict);
            return TryRead(document.RootElement, options, out cdr, out refusal);
        }
        catch (JsonException exception)
        {
            refusal = new TariffRefusal("", OcpiJson.NotJson("The CDR", exception));
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json says so when it compares a name in which half a surrogate pair is escaped.
            refusal = NotUnicode;
        }
        return false;
    }

    /// <summary>Reads a CDR object that is part of a larger JSON text, which was parsed without duplicate members.</summary>
    /// <param name="json">The object.</param>
    /// <param name="options">How rules <c>period_order</c> and <c>dup_dimension</c> are read.</param>
    /// <returns>False: see <paramref name="refusal"/>.</returns>
    public static bool TryRead(JsonElement json, RatingOptions options, [NotNullWhen(true)] out Cdr? cdr, [NotNullWhen(false)] out TariffRefusal? refusal)
    {
        ArgumentNullException.ThrowIfNull(options);
        (cdr, refusal) = (null, null);
        try
        {
            var findings = ImmutableArray.CreateBuilder<TariffFinding>();
            cdr = new Reading(options).Read(new OcpiJson(json, "", findings));
            cdr = findings.Count == 0 ? cdr : cdr with { Flags = cdr.Flags | RatingFlags.CdrReadLeniently };
            return true;
        }
        catch (TariffRefusedException refused)
        {
            refusal = refused.Refusal;
            return false;
        }
    }

    private sealed class Reading(RatingOptions options)
    {
        private readonly List<string> _tariffIds = [];
        private RatingFlags _flags;

        public Cdr Read(OcpiJson root)
        {
            root.MustBe(JsonValueKind.Object, "a CDR object");
            var startNs = root.Member("start_date_time").UnixNs();
            var endNs = root.Member("end_date_time") is { IsAbsent: false } stated ? stated.UnixNs() : root.Member("stop_date_time") is { IsAbsent: false } stop
                ? stop.UnixNs()
                : throw root.Member("end_date_time").Refused("is missing; please state when the session ended");
            var periods = ReadPeriods(root.Member("charging_periods"));
            var isWide = periods.Exists(period => period.IsWide);
            var location = root.Member("cdr_location") is { IsAbsent: false } ofCdr ? ofCdr : root.Member("location");
            return new Cdr
            {
                StartUnixNs = startNs,
                EndUnixNs = endNs,
                IsCredit = IsTrue(root.Member("credit")),
                Currency = root.Member("currency").TextOrNull(),
                Country = location.Kind == JsonValueKind.Object ? location.Member("country").TextOrNull() : null,
                PeriodArray = [.. periods.Select(period => period.Rated)],
                MeasureArray = periods.Exists(period => period.Measures != default) ? [.. periods.Select(period => period.Measures)] : [],
                TariffIdArray = [.. _tariffIds],
                Wide = isWide ? Wide(periods) : null,
                Flags = _flags,
            };
        }

        private static bool IsTrue(OcpiJson json) => json.Kind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
            _ => throw json.Refused("is neither true nor false; please state one of them"),
        };

        private List<PeriodText> ReadPeriods(OcpiJson json)
        {
            var periods = new List<PeriodText>();
            if (json.IsAbsent)
            {
                return periods;
            }
            json.MustBe(JsonValueKind.Array, "the list of the CDR's charging periods");
            foreach (var (_, item) in json.Items())
            {
                item.MustBe(JsonValueKind.Object, "a charging period");
                periods.Add(ReadPeriod(item));
            }
            var isSorted = true;
            for (var i = 1; i < periods.Count; i++)
            {
                isSorted &= periods[i].Rated.StartUnixNs >= periods[i - 1].Rated.StartUnixNs;
            }
            if (isSorted)
            {
                return periods;
            }
            _flags |= RatingFlags.PeriodsUnsorted;
            return options.PeriodOrder == PeriodOrderRule.Sorted ? [.. periods.OrderBy(period => period.Rated.StartUnixNs)] : periods;
        }

        private PeriodText ReadPeriod(OcpiJson json)
        {
            var startNs = json.Member("start_date_time").UnixNs();
            var dimensions = json.Member("dimensions");
            var volumes = new Volumes();
            if (!dimensions.IsAbsent)
            {
                dimensions.MustBe(JsonValueKind.Array, "the list of the period's dimensions");
                foreach (var (_, dimension) in dimensions.Items())
                {
                    dimension.MustBe(JsonValueKind.Object, "a dimension with type and volume");
                    Take(dimension, volumes);
                }
            }
            var period = new PeriodText { Volumes = volumes, Measures = volumes.Measures() };
            period.IsWide = !volumes.TryShort(startNs, out var rated);
            period.Rated = rated with { TariffNumber = TariffNumber(json.Member("tariff_id").TextOrNull()) };
            return period;
        }

        private void Take(OcpiJson dimension, Volumes volumes)
        {
            var written = dimension.Member("type").Text("the dimension's type, such as \"ENERGY\"");
            var type = written.ToUpperInvariant();
            dimension.Member("type").NoteSmallLetters(written, type);
            ref var slot = ref volumes.Slot(type);
            if (Unsafe.IsNullRef(ref slot))
            {
                _flags |= IsUnpriced(type) ? RatingFlags.None : RatingFlags.UnknownDimension;
                return;
            }
            var volume = dimension.Member("volume").Number();
            if (volume < 0 && (type is "TIME" or "PARKING_TIME" or "RESERVATION_TIME"))
            {
                throw dimension.Member("volume").Refused("is a negative time; please state what was measured");
            }
            if (slot is not null)
            {
                _flags |= RatingFlags.DuplicateDimension;
                if (options.DuplicateDimension == DuplicateDimensionRule.First)
                {
                    return;
                }
            }
            slot = volume;
        }

        private static bool IsUnpriced(string type) => type is "FLAT" or "POWER" or "CURRENT" or "ENERGY_EXPORT" or "ENERGY_IMPORT" or "STATE_OF_CHARGE";

        private int TariffNumber(string? id)
        {
            if (string.IsNullOrEmpty(id))
            {
                return 0;
            }
            var index = _tariffIds.FindIndex(known => string.Equals(known, id, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                index = _tariffIds.Count;
                _tariffIds.Add(id);
            }
            return index + 1;
        }

        private static WideVolumes Wide(List<PeriodText> periods) => new()
        {
            Energy = [.. periods.Select(period => WideVolumes.OfKilowattHours(period.Volumes.Energy ?? 0))],
            Time = [.. periods.Select(period => WideVolumes.OfHours(period.Volumes.Time ?? 0))],
            ParkingTime = [.. periods.Select(period => WideVolumes.OfHours(period.Volumes.ParkingTime ?? 0))],
            ReservationTime = [.. periods.Select(period => WideVolumes.OfHours(period.Volumes.ReservationTime ?? 0))],
        };
    }

    private sealed class PeriodText
    {
        public required Volumes Volumes { get; init; }

        public required PeriodMeasures Measures { get; init; }

        public RatingPeriod Rated { get; set; }

        /// <summary>A volume has more digits than the rated period holds.</summary>
        public bool IsWide { get; set; }
    }

    private sealed class Volumes
    {
        private const decimal MwhPerKwh = 1_000_000m;
        private const decimal NsPerHour = 3_600_000_000_000m;
        private const decimal NanoPerUnit = 1_000_000_000m;

        public decimal? Energy;
        public decimal? Time;
        public decimal? ParkingTime;
        public decimal? ReservationTime;
        private decimal? _minPower;
        private decimal? _maxPower;
        private decimal? _minCurrent;
        private decimal? _maxCurrent;

        /// <summary>Where a dimension's volume is kept; a null reference for one that decides no price.</summary>
        public ref decimal? Slot(string type)
        {
            switch (type)
            {
                case "ENERGY":
                    return ref Energy;
                case "TIME":
                    return ref Time;
                case "PARKING_TIME":
                    return ref ParkingTime;
                case "RESERVATION_TIME":
                    return ref ReservationTime;
                case "MIN_POWER":
                    return ref _minPower;
                case "MAX_POWER":
                    return ref _maxPower;
                case "MIN_CURRENT":
                    return ref _minCurrent;
                case "MAX_CURRENT":
                    return ref _maxCurrent;
                default:
                    return ref Unsafe.NullRef<decimal?>();
            }
        }

        public PeriodMeasures Measures() => new(Nano(_minPower), Nano(_maxPower), Nano(_minCurrent), Nano(_maxCurrent));

        public bool TryShort(long startNs, out RatingPeriod period)
        {
            var stated = (Energy is null ? 0 : PeriodVolumes.Energy) | (Time is null ? 0 : PeriodVolumes.Time)
                | (ParkingTime is null ? 0 : PeriodVolumes.ParkingTime) | (ReservationTime is null ? 0 : PeriodVolumes.ReservationTime);
            var isExact = TryWhole(Energy, MwhPerKwh, out var energyMwh) & TryWhole(Time, NsPerHour, out var timeNs)
                & TryWhole(ParkingTime, NsPerHour, out var parkingTimeNs) & TryWhole(ReservationTime, NsPerHour, out var reservationTimeNs);
            period = new RatingPeriod(startNs, energyMwh, timeNs, parkingTimeNs) { ReservationTimeNs = reservationTimeNs, Stated = stated };
            return isExact;
        }

        private static bool TryWhole(decimal? volume, decimal factor, out long whole)
        {
            whole = 0;
            if (volume is not { } stated)
            {
                return true;
            }
            // Up to here no product needs more digits than a decimal has.
            if (stated.Scale > 14)
            {
                return false;
            }
            var value = stated * factor;
            if (decimal.Truncate(value) != value || value > long.MaxValue || value < long.MinValue)
            {
                return false;
            }
            whole = (long)value;
            return true;
        }

        // A measurement is compared with bounds: cut off beyond a millionth of a watt.
        private static long? Nano(decimal? value) =>
            value is not { } measured ? null : (long)decimal.Floor(Math.Clamp(measured, -9_000_000_000m, 9_000_000_000m) * NanoPerUnit);
    }
}
