using System.Text;
using EvBilling.Tariffs;
using NodaTime;

namespace EvBilling.Tests.Tariffs;

public sealed class TariffReaderTests
{
    private const string Component = """{"type":"ENERGY","price":0.25,"vat":21,"step_size":1}""";

    [Fact]
    public void A_tariff_is_read_as_its_publisher_states_it()
    {
        var tariff = Read("""
            {"country_code":"NL","party_id":"ABC","id":"T1","currency":"EUR","type":"REGULAR","min_price":{"excl_vat":0.50,"incl_vat":0.61},
             "elements":[{"price_components":[{"type":"ENERGY","price":0.2500,"vat":21.0,"step_size":100},{"type":"FLAT","price":1e-2}]},
                         {"price_components":[{"type":"PARKING_TIME","price":5,"step_size":300}],"restrictions":{"min_duration":3600}}],
             "start_date_time":"2026-01-01T00:00:00Z","end_date_time":"2026-06-01T02:00:00+02:00","last_updated":"2025-12-31T10:00:00"}
            """);

        Assert.Equal(("T1", "NL", "ABC"), (tariff.Id, tariff.CountryCode, tariff.PartyId));
        Assert.Equal(Currency.Parse("EUR"), tariff.Currency);
        Assert.Equal(OcpiVersion.V221, tariff.Version);
        Assert.Equal(new PriceLimit(0.5m, 0.61m), tariff.MinPrice);
        Assert.Null(tariff.MaxPrice);
        Assert.Equal([new PriceComponent(0, TariffDimension.Energy, 0.25m, 21m, 100), new PriceComponent(1, TariffDimension.Flat, 0.01m, null, 0)],
            tariff.Elements[0].PriceComponents);
        Assert.Empty(tariff.Elements[0].Restrictions);
        Assert.Equal([new StatedRestriction("min_duration", "3600")], tariff.Elements[1].Restrictions);
        Assert.Equal(Instant.FromUtc(2026, 1, 1, 0, 0), tariff.StartDateTime);
        Assert.Equal(Instant.FromUtc(2026, 6, 1, 0, 0), tariff.EndDateTime);
        Assert.Equal(Instant.FromUtc(2025, 12, 31, 10, 0), tariff.LastUpdated);
        Assert.Empty(tariff.Findings);
    }

    [Theory]
    [InlineData("""null""")]
    [InlineData("""{}""")]
    [InlineData("""{"start_time":null,"day_of_week":null,"reservation":null}""")]
    [InlineData("""{"day_of_week":[]}""")]
    public void Restrictions_that_state_nothing_are_none(string restrictions) =>
        Assert.Empty(Read(Tariff($$"""{"price_components":[{{Component}}],"restrictions":{{restrictions}}}""")).Elements[0].Restrictions);

    [Fact]
    public void Numbers_as_text_are_read_with_a_finding()
    {
        var tariff = Read(Tariff("""{"price_components":[{"type":"ENERGY","price":"0.2500","vat":" 21 ","step_size":"100"}]}"""));
        Assert.Equal(new PriceComponent(0, TariffDimension.Energy, 0.25m, 21m, 100), tariff.Elements[0].PriceComponents[0]);
        Assert.Equal(["number_as_text", "number_as_text", "number_as_text"], tariff.Findings.Select(finding => finding.Rule));
        Assert.Equal("/elements/0/price_components/0/price", tariff.Findings[0].Path);
        Assert.Equal("\"0.2500\" is a number written as a text; OCPI wants a JSON number.", tariff.Findings[0].Message);
    }

    [Fact]
    public void Small_letters_are_read_with_a_finding()
    {
        var tariff = Read("""{"id":"T","currency":"eur","tax_included":"no","elements":[{"price_components":[{"type":"parking_time","price":1}]}]}""");
        Assert.Equal(TariffDimension.ParkingTime, tariff.Elements[0].PriceComponents[0].Dimension);
        Assert.Equal(["/tax_included", "/currency", "/elements/0/price_components/0/type"], tariff.Findings.Select(finding => finding.Path));
        Assert.All(tariff.Findings, finding => Assert.Equal(("small_letters", FindingSeverity.Warning), (finding.Rule, finding.Severity)));
    }

    [Fact]
    public void A_component_of_an_unknown_dimension_never_applies_and_is_an_error_finding()
    {
        var tariff = Read(Tariff($$"""{"price_components":[{"type":"WATER","price":3},{{Component}}]}"""));
        var component = Assert.Single(tariff.Elements[0].PriceComponents);
        Assert.Equal((1, TariffDimension.Energy), (component.Index, component.Dimension));
        var finding = Assert.Single(tariff.Findings);
        Assert.Equal(("/elements/0/price_components/0/type", "unknown_dimension", FindingSeverity.Error), (finding.Path, finding.Rule, finding.Severity));
    }

    [Theory]
    [InlineData("", OcpiVersion.V221, TaxIncluded.NotStated)]
    [InlineData("\"tax_included\":null,", OcpiVersion.V221, TaxIncluded.NotStated)]
    [InlineData("\"tax_included\":\"NO\",", OcpiVersion.V230, TaxIncluded.No)]
    [InlineData("\"tax_included\":\"YES\",", OcpiVersion.V230, TaxIncluded.Yes)]
    [InlineData("\"tax_included\":\"N/A\",", OcpiVersion.V230, TaxIncluded.NotApplicable)]
    public void Tax_included_tells_the_version(string member, OcpiVersion version, TaxIncluded taxIncluded)
    {
        var json = $$"""{{{member}}"id":"T","currency":"EUR","elements":[{"price_components":[{{Component}}]}]}""";
        Assert.Equal((version, taxIncluded), (Read(json).Version, Read(json).TaxIncluded));
        Assert.True(TariffReader.TryRead(Encoding.UTF8.GetBytes(json), OcpiVersion.V211, out var stated, out _));
        Assert.Equal(OcpiVersion.V211, stated.Version);
    }

    [Theory]
    [InlineData("""{"currency":"EUR","elements":[]}""", "/id", "id is missing; please state the tariff's id as a text.")]
    [InlineData("""{"id":"","currency":"EUR","elements":[]}""", "/id", "\"\" is not an id of 1 to 255 characters; please give the tariff its id.")]
    [InlineData("""{"id":7,"currency":"EUR","elements":[]}""", "/id", "7 is not the tariff's id as a text; please state it as OCPI defines it.")]
    [InlineData("""{"id":"T","elements":[]}""", "/currency", "currency is missing; please state the tariff's currency, such as \"EUR\".")]
    [InlineData("""{"id":"T","currency":null}""", "/currency", "currency is missing; please state the tariff's currency, such as \"EUR\".")]
    [InlineData("""{"id":"T","currency":"EURO"}""", "/currency", "\"EURO\" is no currency of ISO 4217; please state its three letters, such as \"EUR\".")]
    [InlineData("""{"id":"T","currency":"EUR"}""", "/elements", "elements is missing; please state the list of the tariff's elements.")]
    [InlineData("""{"id":"T","currency":"EUR","elements":[]}""", "/elements", "[] has no element; a tariff for nothing states a price of 0.")]
    [InlineData("""{"id":"T","currency":"EUR","elements":[{}]}""", "/elements/0/price_components",
        "price_components is missing; please state the list of the element's price components.")]
    [InlineData("""{"id":"T","currency":"EUR","elements":[null]}""", "/elements/0", "0 is missing; please state an element with price_components.")]
    [InlineData("""{"id":"T","currency":"EUR","tax_included":"MAYBE"}""", "/tax_included",
        "\"MAYBE\" does not say whether prices contain taxes; please state YES, NO or N/A.")]
    [InlineData("""[]""", "", "[] is not a tariff object; please state it as OCPI defines it.")]
    [InlineData("""{"id":"\ud800","currency":"EUR"}""", "/id", "\"\\ud800\" is not valid Unicode; please write it as UTF-8.")]
    public void What_decides_a_price_and_cannot_be_read_is_refused_by_path(string json, string path, string message)
    {
        var refusal = Refuse(json);
        Assert.Equal((path, message), (refusal.Path, refusal.Message));
    }

    [Theory]
    [InlineData("""{"type":"ENERGY"}""", "price", "price is missing; please state it as a number.")]
    [InlineData("""{"type":"ENERGY","price":null}""", "price", "price is missing; please state it as a number.")]
    [InlineData("""{"type":"ENERGY","price":"0,25"}""", "price", "\"0,25\" is not a number; please state it as one, such as 0.35.")]
    [InlineData("""{"type":"ENERGY","price":true}""", "price", "true is not a number; please state it as one, such as 0.35.")]
    [InlineData("""{"type":"ENERGY","price":"NaN"}""", "price", "\"NaN\" is not a number; please state it as one, such as 0.35.")]
    [InlineData("""{"type":"ENERGY","price":0.12345678901234567890123456789}""", "price",
        "0.12345678901234567890123456789 has more than 28 digits; please round it to as many as are meant.")]
    [InlineData("""{"type":"ENERGY","price":1000000000.01}""", "price", "1000000000.01 is beyond a thousand million; please state what is meant.")]
    [InlineData("""{"type":"ENERGY","price":-1e10}""", "price", "-1e10 is beyond a thousand million; please state what is meant.")]
    [InlineData("""{"type":"ENERGY","price":1,"vat":"high"}""", "vat", "\"high\" is not a number; please state it as one, such as 0.35.")]
    [InlineData("""{"type":"ENERGY","price":1,"vat":-0.5}""", "vat", "-0.5 is a VAT under 0 %; please state a percentage from 0 on, or leave it out.")]
    [InlineData("""{"type":"ENERGY","price":1,"vat":"-100"}""", "vat", "\"-100\" is a VAT under 0 %; please state a percentage from 0 on, or leave it out.")]
    [InlineData("""{"type":"ENERGY","price":1,"step_size":-1}""", "step_size", "-1 is not a whole number from 0 to 1000000000; please state one, 0 for none.")]
    [InlineData("""{"type":"ENERGY","price":1,"step_size":0.5}""", "step_size",
        "0.5 is not a whole number from 0 to 1000000000; please state one, 0 for none.")]
    [InlineData("""{"price":1}""", "type", "type is missing; please state the component's dimension, such as \"ENERGY\".")]
    public void An_unreadable_component_is_refused_by_path_value_and_remedy(string component, string member, string message)
    {
        var refusal = Refuse(Tariff($$"""{"price_components":[{{Component}},{{component}}]}"""));
        Assert.Equal(($"/elements/0/price_components/1/{member}", message), (refusal.Path, refusal.Message));
    }

    [Theory]
    [InlineData("1000000000")]
    [InlineData("-1000000000")]
    [InlineData("0.0000000000000000000000000001")]
    public void Prices_up_to_the_limits_are_read(string price) =>
        Assert.Equal(
            decimal.Parse(price), Read(Tariff($$"""{"price_components":[{"price":{{price}},"type":"ENERGY"}]}""")).Elements[0].PriceComponents[0].Price);

    [Fact]
    public void A_member_stated_twice_refuses_the_tariff() =>
        Assert.StartsWith("The tariff is no JSON object that can be read:", Refuse("""{"id":"T","id":"U","currency":"EUR"}""").Message);

    [Fact]
    public void A_depth_bomb_and_a_huge_text_are_refused_by_name()
    {
        Assert.Contains("depth", Refuse(new string('[', 100_000)).Message);
        var huge = Refuse($$"""{"id":"{{new string('x', 10_000_000)}}","currency":"EUR"}""");
        Assert.Equal("/id", huge.Path);
        Assert.True(huge.Message.Length < 200);
    }

    [Fact]
    public void Unknown_members_are_ignored() => Assert.Equal("T", Read(Tariff($$"""{"price_components":[{{Component}}],"x":{"y":[1]} }""")).Id);

    internal static string Tariff(string elements, string id = "T") => $$"""{"id":"{{id}}","currency":"EUR","elements":[{{elements}}]}""";

    private static Tariff Read(string json)
    {
        Assert.True(TariffReader.TryRead(Encoding.UTF8.GetBytes(json), null, out var tariff, out var refusal), refusal?.ToString());
        return tariff;
    }

    private static TariffRefusal Refuse(string json)
    {
        Assert.False(TariffReader.TryRead(Encoding.UTF8.GetBytes(json), null, out _, out var refusal));
        return refusal;
    }
}
