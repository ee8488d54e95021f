using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using EvBilling.Json;
using EvBilling.Rating;

namespace EvBilling.Cdrs;

/// <summary>The charging periods of a CDR that <see cref="QuickCdrReader"/> reads.</summary>
internal ref struct QuickPeriods
{
    private const int CapacityAtFirst = 32;

    private readonly QuickPeriodRoom? _room;
    private long _lastStartNs;
    private RatingPeriod[] _periods;
    private PeriodMeasures[] _measures;
    private List<string>? _tariffIds;
    private int _count;
    private bool _areMeasured;
    private bool _areUnsorted;

    /// <param name="room">What to write into; null: it is borrowed, to be returned.</param>
    public QuickPeriods(QuickPeriodRoom? room)
    {
        _room = room;
        _periods = room?.Periods ?? [];
        _measures = room?.Measures ?? [];
        _lastStartNs = long.MinValue;
    }

    [Flags]
    private enum Member
    {
        Other = 0,
        Start = 1,
        Dimensions = 2,
        TariffId = 4,
    }

    public readonly bool AreSorted => !_areUnsorted;

    public readonly ReadOnlySpan<RatingPeriod> Rated => _periods.AsSpan(0, _count);

    /// <summary>Of each period; empty where nothing was measured in any.</summary>
    public readonly ReadOnlySpan<PeriodMeasures> Measured => _areMeasured ? _measures.AsSpan(0, _count) : [];

    public readonly string[] TariffIds() => _tariffIds is null ? [] : [.. _tariffIds];

    /// <summary>Gives back what was borrowed, or keeps what has grown.</summary>
    public readonly void Return()
    {
        if (_room is not null)
        {
            (_room.Periods, _room.Measures) = (_periods, _measures);
            return;
        }
        ArrayPool<RatingPeriod>.Shared.Return(_periods);
        ArrayPool<PeriodMeasures>.Shared.Return(_measures);
    }

    /// <summary>Reads the list of periods.</summary>
    public ref byte Read(ref byte at, scoped in PaddedText text)
    {
        if (at != '[')
        {
            return ref JsonScanner.Nowhere;
        }
        at = ref JsonScanner.Next(ref at, 1);
        if (at == ']')
        {
            return ref Unsafe.Add(ref at, 1);
        }
        var volumes = default(QuickVolumes);
        while (true)
        {
            volumes.Clear();
            at = ref ReadPeriod(ref at, text, ref volumes, out var startNs, out var tariffNumber);
            Add(volumes, startNs, tariffNumber);
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                return ref at == ']' ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
    }

    private ref byte ReadPeriod(ref byte at, scoped in PaddedText text, scoped ref QuickVolumes volumes, out long startNs, out int tariffNumber)
    {
        (startNs, tariffNumber) = (0, 0);
        if (at != '{')
        {
            return ref JsonScanner.Nowhere;
        }
        var others = new MemberNames(text, 2);
        var seen = Member.Other;
        at = ref JsonScanner.Next(ref at, 1);
        while (true)
        {
            Member member;
            // As nearly all are written.
            if (JsonScanner.StartsWith(ref at, "\"start_date_time\":"u8))
            {
                member = Member.Start;
                at = ref JsonScanner.Next(ref at, 18);
            }
            else if (JsonScanner.StartsWith(ref at, "\"dimensions\":["u8))
            {
                member = Member.Dimensions;
                at = ref Unsafe.Add(ref at, 13);
            }
            else
            {
                at = ref JsonScanner.Name(ref at, text, out var name);
                member = Find(name);
                if (member == Member.Other && !others.TryAdd(name))
                {
                    return ref JsonScanner.Nowhere;
                }
            }
            if ((seen & member) != 0)
            {
                return ref JsonScanner.Nowhere;
            }
            seen |= member;
            switch (member)
            {
                case Member.Start:
                    at = ref PlainTime.Read(ref at, out startNs);
                    break;
                case Member.Dimensions:
                    at = ref volumes.Read(ref at, text);
                    break;
                case Member.TariffId when at == '"':
                    at = ref ReadTariffId(ref at, text, out tariffNumber);
                    break;
                default:
                    at = ref JsonScanner.Skip(ref at, text, 3);
                    break;
            }
            at = ref JsonScanner.NextMember(ref at, out var isLast);
            if (isLast)
            {
                return ref (seen & Member.Start) != 0 ? ref at : ref JsonScanner.Nowhere;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Member Find(in MemberName name) => name.Length switch
    {
        9 when name.Is("tariff_id"u8) => Member.TariffId,
        10 when name.Is("dimensions"u8) => Member.Dimensions,
        15 when name.Is("start_date_time"u8) => Member.Start,
        _ => Member.Other,
    };

    private ref byte ReadTariffId(ref byte at, scoped in PaddedText text, out int tariffNumber)
    {
        tariffNumber = 0;
        at = ref JsonScanner.Text(ref at, text, out var read);
        var id = Encoding.UTF8.GetString(read);
        if (id.Length > 0)
        {
            _tariffIds ??= [];
            var index = _tariffIds.FindIndex(known => string.Equals(known, id, StringComparison.OrdinalIgnoreCase));
            if (index < 0)
            {
                index = _tariffIds.Count;
                _tariffIds.Add(id);
            }
            tariffNumber = index + 1;
        }
        return ref at;
    }

    private void Add(in QuickVolumes volumes, long startNs, int tariffNumber)
    {
        if (_count == _periods.Length)
        {
            Grow();
        }
        _areUnsorted |= startNs < _lastStartNs;
        _lastStartNs = startNs;
        _periods[_count] = new(startNs, volumes.EnergyMwh, volumes.TimeNs, volumes.ParkingTimeNs)
        {
            ReservationTimeNs = volumes.ReservationTimeNs,
            Stated = volumes.Rated,
            TariffNumber = tariffNumber,
        };
        if (volumes.AreMeasured || _areMeasured)
        {
            AddMeasures(volumes);
        }
        _count++;
    }

    private void AddMeasures(in QuickVolumes volumes)
    {
        if (_measures.Length < _periods.Length)
        {
            _measures = Grown(_measures, _areMeasured ? _count : 0, _periods.Length);
        }
        if (!_areMeasured)
        {
            _areMeasured = true;
            _measures.AsSpan(0, _count).Clear();
        }
        _measures[_count] = volumes.Measures;
    }

    private void Grow() => _periods = Grown(_periods, _count, Math.Max(CapacityAtFirst, _count * 2));

    private readonly T[] Grown<T>(T[] from, int count, int length)
    {
        if (_room is not null)
        {
            Array.Resize(ref from, length);
            return from;
        }
        var grown = ArrayPool<T>.Shared.Rent(length);
        from.AsSpan(0, count).CopyTo(grown);
        ArrayPool<T>.Shared.Return(from);
        return grown;
    }
}

/// <summary>Where <see cref="QuickPeriods"/> keeps periods from one CDR to the next; grows to the longest.</summary>
internal sealed class QuickPeriodRoom
{
    public RatingPeriod[] Periods { get; set; } = [];

    public PeriodMeasures[] Measures { get; set; } = [];
}
