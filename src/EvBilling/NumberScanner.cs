namespace EvBilling;

/// <summary>Takes a JSON number (RFC 8259, 6) apart: value = ±Mantissa * 10^Exponent, the mantissa without trailing zeros.</summary>
internal ref struct NumberScanner
{
    // No exponent beyond this can give a number of 28 digits, however long the text around it.
    private const int ExponentLimit = 1_000_000_000;

    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private int _pendingZeros;

    public NumberScanner(ReadOnlySpan<byte> text) => _text = text;

    public bool Negative { get; private set; }

    public UInt128 Mantissa { get; private set; }

    /// <summary>Digits of the mantissa; 0 for zero.</summary>
    public int Digits { get; private set; }

    public int Exponent { get; private set; }

    /// <summary>The mantissa has more than 28 digits and is not complete.</summary>
    public bool TooLong { get; private set; }

    /// <summary>False: the text is no JSON number.</summary>
    public bool Scan()
    {
        if (Next == '-')
        {
            Negative = true;
            _position++;
        }
        var wholeStart = _position;
        TakeDigits();
        var whole = _position - wholeStart;
        if (whole == 0 || (whole > 1 && _text[wholeStart] == '0'))
        {
            return false;
        }
        var fraction = 0;
        if (Next == '.')
        {
            _position++;
            var fractionStart = _position;
            TakeDigits();
            fraction = _position - fractionStart;
            if (fraction == 0)
            {
                return false;
            }
        }
        var written = 0;
        if (Next is 'e' or 'E' && !TryTakeExponent(out written))
        {
            return false;
        }
        Exponent = written - fraction + _pendingZeros;
        return _position == _text.Length;
    }

    private readonly char Next => _position < _text.Length ? (char)_text[_position] : '\0';

    private void TakeDigits()
    {
        for (; Next is >= '0' and <= '9'; _position++)
        {
            var digit = (uint)(_text[_position] - '0');
            if (digit == 0)
            {
                _pendingZeros += 1;
                continue;
            }
            if (Mantissa == 0)
            {
                // Zeros in front of the first other digit do not count.
                _pendingZeros = 0;
            }
            if (TooLong || Digits + _pendingZeros + 1 > Exact.MaxDigits)
            {
                TooLong = true;
                continue;
            }
            Mantissa = Mantissa * (UInt128)Exact.PowerOfTen(_pendingZeros + 1) + digit;
            Digits += _pendingZeros + 1;
            _pendingZeros = 0;
        }
    }

    private bool TryTakeExponent(out int exponent)
    {
        exponent = 0;
        _position++;
        var negative = Next == '-';
        if (Next is '-' or '+')
        {
            _position++;
        }
        var start = _position;
        for (; Next is >= '0' and <= '9'; _position++)
        {
            exponent = exponent >= ExponentLimit / 10 ? ExponentLimit : exponent * 10 + (_text[_position] - '0');
        }
        exponent = negative ? -exponent : exponent;
        return _position > start;
    }
}
