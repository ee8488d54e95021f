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

    public void Clear() => Count = 0;

    public int Add(in RatingLine<TVolume> line)
    {
        if (Count == _lines.Length)
        {
            Array.Resize(ref _lines, Math.Max(4, Count * 2));
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
