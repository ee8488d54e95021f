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

    private long _lastStartNs;
    private RatingPeriod[]? _periods;
    private PeriodMeasures[]? _measures;
    private List<string>? _tariffIds;
    private int _count;
    private bool _areUnsorted;

    public QuickPeriods()
    {
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

    public readonly RatingPeriod[] Rated() => _periods.AsSpan(0, _count).ToArray();

    /// <summary>Of each period; empty where nothing was measured in any.</summary>
    public readonly PeriodMeasures[] Measured() => _measures is null ? [] : _measures.AsSpan(0, _count).ToArray();

    public readonly string[] TariffIds() => _tariffIds is null ? [] : [.. _tariffIds];

    /// <summary>Gives back what was borrowed.</summary>
    public readonly void Return()
    {
        if (_periods is not null)
        {
            ArrayPool<RatingPeriod>.Shared.Return(_periods);
        }
        if (_measures is not null)
        {
            ArrayPool<PeriodMeasures>.Shared.Return(_measures);
        }
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
        _periods = ArrayPool<RatingPeriod>.Shared.Rent(CapacityAtFirst);
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
                at = ref Unsafe.Add(ref at, 18);
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
            at = ref JsonScanner.Next(ref at, 0);
            if (at != ',')
            {
                return ref at == '}' && (seen & Member.Start) != 0 ? ref Unsafe.Add(ref at, 1) : ref JsonScanner.Nowhere;
            }
            at = ref JsonScanner.Next(ref at, 1);
        }
    }

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
        if (_count == _periods!.Length)
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
        if (_measures is null && volumes.AreMeasured)
        {
            _measures = ArrayPool<PeriodMeasures>.Shared.Rent(_periods.Length);
            _measures.AsSpan(0, _count).Clear();
        }
        if (_measures is not null)
        {
            _measures[_count] = volumes.Measures;
        }
        _count++;
    }

    private void Grow()
    {
        var grown = ArrayPool<RatingPeriod>.Shared.Rent(_count * 2);
        _periods.AsSpan(0, _count).CopyTo(grown);
        ArrayPool<RatingPeriod>.Shared.Return(_periods!);
        _periods = grown;
        if (_measures is null)
        {
            return;
        }
        var measures = ArrayPool<PeriodMeasures>.Shared.Rent(grown.Length);
        _measures.AsSpan(0, _count).CopyTo(measures);
        ArrayPool<PeriodMeasures>.Shared.Return(_measures);
        _measures = measures;
    }
}
