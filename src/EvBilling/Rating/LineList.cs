using System.Numerics;
using System.Runtime.CompilerServices;

namespace EvBilling.Rating;

/// <summary>Lines in one array, which grows and is used again.</summary>
internal sealed class LineList<TVolume>(int capacity)
    where TVolume : struct, IBinaryInteger<TVolume>
{
    private RatingLine<TVolume>[] _lines = new RatingLine<TVolume>[capacity];

    public int Count { get; private set; }

    public Span<RatingLine<TVolume>> Span => _lines.AsSpan(0, Count);

    public ref RatingLine<TVolume> this[int index] => ref _lines[index];

    /// <summary>All that there is room for, whatever stands there.</summary>
    public RatingLine<TVolume>[] Room => _lines;

    public void Clear() => Count = 0;

    /// <summary>Doubles the room.</summary>
    public RatingLine<TVolume>[] Grow()
    {
        Array.Resize(ref _lines, Math.Max(4, _lines.Length * 2));
        return _lines;
    }

    /// <summary>Says how many lines of <see cref="Room"/> count.</summary>
    public void SetCount(int count) => Count = count;

    public int Add(in RatingLine<TVolume> line)
    {
        if (Count == _lines.Length)
        {
            Grow();
        }
        _lines[Count] = line;
        return Count++;
    }
}

/// <summary>One value for each of the four dimensions.</summary>
[InlineArray(Tariffs.TariffDimensions.Count)]
internal struct Dimensions<T>
{
    private T _first;
}
