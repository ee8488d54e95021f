using NodaTime;
using NodaTime.Text;

namespace EvBilling.Tariffs;

/// <summary>OCPI's DateTime (2.2.1 types 16.3): RFC 3339, a time without a zone is UTC; other offsets, which OCPI does not want, are read as what they say.</summary>
internal static class OcpiDateTime
{
    public static bool TryParse(string text, out Instant instant)
    {
        if (OffsetDateTimePattern.Rfc3339.Parse(text).TryGetValue(default, out var withOffset))
        {
            instant = withOffset.ToInstant();
            return true;
        }
        var read = LocalDateTimePattern.ExtendedIso.Parse(text).TryGetValue(default, out var local);
        instant = read ? local.InUtc().ToInstant() : default;
        return read;
    }
}
