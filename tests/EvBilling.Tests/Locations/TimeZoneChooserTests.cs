using EvBilling.Locations;
using NodaTime;

namespace EvBilling.Tests.Locations;

public class TimeZoneChooserTests
{
    private static readonly DateTimeZone Lisbon = DateTimeZoneProviders.Tzdb["Europe/Lisbon"];

    [Theory]
    [InlineData("Europe/Brussels", true, "NLD", "NL", "Europe/Brussels", TimeZoneOrigin.Location)]
    [InlineData("europe/brussels", false, null, null, "Europe/Brussels", TimeZoneOrigin.Location)]
    [InlineData("UTC", false, null, null, "UTC", TimeZoneOrigin.Location)]
    [InlineData(null, true, "NLD", "NL", "Europe/Lisbon", TimeZoneOrigin.Default)]
    [InlineData(null, false, "NLD", "DE", "Europe/Amsterdam", TimeZoneOrigin.Country)]
    [InlineData(null, false, "NL", null, "Europe/Amsterdam", TimeZoneOrigin.Country)]
    [InlineData(null, false, null, "BE", "Europe/Brussels", TimeZoneOrigin.Country)]
    [InlineData(null, false, "ESP", "NL", null, TimeZoneOrigin.None)]
    [InlineData(null, false, "Nederland", "NL", null, TimeZoneOrigin.None)]
    [InlineData(null, false, null, null, null, TimeZoneOrigin.None)]
    public void The_zone_is_the_locations_else_the_default_else_the_countrys_only_one(
        string? timeZone, bool withDefault, string? country, string? countryCode, string? expected, TimeZoneOrigin origin)
    {
        var chooser = new TimeZoneChooser(withDefault ? Lisbon : null);
        var location = new Location { Id = "L", TimeZone = timeZone, Country = country, CountryCode = countryCode };
        for (var repetition = 0; repetition < 2; repetition++)
        {
            var choice = chooser.Choose(location);
            Assert.Equal((expected, origin, null), (choice.Zone?.Id, choice.Origin, choice.UnknownId));
        }
    }

    [Fact]
    public void A_zone_that_does_not_exist_is_named_and_neither_default_nor_country_overrules_it()
    {
        var choice = new TimeZoneChooser(Lisbon).Choose(new Location { Id = "L", TimeZone = "NL", Country = "NLD" });
        Assert.Equal(new TimeZoneChoice(null, TimeZoneOrigin.None, "NL"), choice);
    }

    [Fact]
    public void Without_a_location_the_default_counts_if_there_is_one()
    {
        Assert.Equal(new TimeZoneChoice(Lisbon, TimeZoneOrigin.Default), new TimeZoneChooser(Lisbon).Choose(null));
        Assert.Equal(default, new TimeZoneChooser().Choose(null));
    }

    [Theory]
    [InlineData("DEU", "Europe/Berlin")]
    [InlineData("MY", "Asia/Kuala_Lumpur")]
    [InlineData("nor", "Europe/Oslo")]
    [InlineData("GBR", "Europe/London")]
    [InlineData("FRA", "Europe/Paris")]
    [InlineData("ES", null)]
    [InlineData("PRT", null)]
    [InlineData("USA", null)]
    [InlineData("AUS", null)]
    [InlineData("XX", null)]
    [InlineData("", null)]
    public void Zones_of_a_country_with_one_local_time_since_2000_count_as_one(string country, string? zone) =>
        Assert.Equal(zone, TimeZoneChooser.FindZoneOfCountry(country)?.Id);
}
