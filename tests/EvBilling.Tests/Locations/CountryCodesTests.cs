using EvBilling.Locations;
using NodaTime.TimeZones;

namespace EvBilling.Tests.Locations;

public class CountryCodesTests
{
    [Theory]
    [InlineData("NLD", "NL", "NLD")]
    [InlineData("nl", "NL", "NLD")]
    [InlineData("AND", "AD", "AND")]
    [InlineData("ZWE", "ZW", "ZWE")]
    [InlineData("NE", "NE", "NER")]
    [InlineData("XX", null, null)]
    [InlineData("LDD", null, null)]
    [InlineData("D ", null, null)]
    [InlineData("", null, null)]
    [InlineData("NLDX", null, null)]
    public void A_code_of_two_or_three_letters_gives_both(string code, string? alpha2, string? alpha3) =>
        Assert.Equal((alpha2, alpha3), (CountryCodes.Alpha2(code), CountryCodes.Alpha3(code)));

    [Fact]
    public void Every_country_that_the_time_zone_database_knows_has_both_codes()
    {
        var countries = TzdbDateTimeZoneSource.Default.ZoneLocations!.Select(location => location.CountryCode).Distinct().ToList();
        Assert.True(countries.Count > 240);
        Assert.All(countries, country => Assert.Equal(country, CountryCodes.Alpha2(CountryCodes.Alpha3(country)!)));
        Assert.Equal(countries.Count, countries.Select(CountryCodes.Alpha3).Distinct().Count());
    }
}
