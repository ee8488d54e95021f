namespace EvBilling.Tests.Pricing.Rules;

/// <summary>Rows 14, 15 and 20 of ocpi-semantics.md: bounds, VAT and rounding.</summary>
public sealed class TotalRuleTests
{
    [Theory]
    [InlineData("", "\"max_price\":{\"excl_vat\":1}", "1 1.21")]
    [InlineData("clamp_vat=scaled", "\"max_price\":{\"excl_vat\":1}", "1 1.21")]
    [InlineData("clamp_vat=separate", "\"max_price\":{\"excl_vat\":1}", "1 2.42 VatSetByLimit")]
    [InlineData("", "\"max_price\":{\"excl_vat\":5,\"incl_vat\":2.2}", "2 2.2 VatSetByLimit")]
    [InlineData("", "\"max_price\":{\"excl_vat\":5,\"incl_vat\":1}", "1 VatSetByLimit")]
    [InlineData("clamp_vat=separate", "\"max_price\":{\"excl_vat\":5,\"incl_vat\":1}", "2 1 VatSetByLimit")]
    [InlineData("", "\"min_price\":{\"excl_vat\":20,\"incl_vat\":22}", "20 24.2")]
    [InlineData("", "\"max_price\":{\"excl_vat\":1,\"incl_vat\":1.5}", "1 1.21")]
    [InlineData("", "\"min_price\":{\"incl_vat\":22}", "2 22 VatSetByLimit")]
    [InlineData("clamp_vat=separate", "\"min_price\":{\"excl_vat\":4},\"max_price\":{\"excl_vat\":1,\"incl_vat\":5}", "1 - VatOfMinPriceUnknown")]
    [InlineData("", "\"min_price\":{\"excl_vat\":1,\"incl_vat\":3}", "2 3 VatSetByLimit")]
    [InlineData("", "\"min_price\":{\"excl_vat\":4},\"max_price\":{\"excl_vat\":3}", "3 3.63")]
    public void Clamp_vat_scales_vat_with_a_bound_or_leaves_each_total_to_its_own(string reading, string bounds, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 0.2 vat 21", "10:00 ENERGY 10") { TariffMembers = bounds }.Total(reading));

    [Theory]
    [InlineData("\"max_price\":{\"excl_vat\":5}", "ENERGY -0.2 vat 21", "-2 -2.42")]
    [InlineData("\"min_price\":{\"excl_vat\":1}", "ENERGY -0.2 vat 21", "1 1.21")]
    [InlineData("\"min_price\":{\"excl_vat\":1}", "ENERGY 0.2 vat 0, TIME -1.5 vat 21", "1 VatSetByLimit")]
    [InlineData("\"max_price\":{\"excl_vat\":5}", "ENERGY 0.2 vat 0, TIME -1.5 vat 21", "0.5 0.185")]
    public void Vat_under_0_stays_as_it_is_where_no_bound_is_reached_and_is_never_scaled_up(string bounds, string elements, string total) =>
        Assert.Equal(total, new Dispute(elements, "10:00 ENERGY 10 TIME 1") { TariffMembers = bounds }.Total());

    [Theory]
    [InlineData("", "ENERGY 0.2 vat 21, TIME 1 vat 9", "2 - VatOfMinPriceUnknown")]
    [InlineData("min_price_vat=unknown", "ENERGY 0.2 vat 21, TIME 1 vat 9", "2 - VatOfMinPriceUnknown")]
    [InlineData("min_price_vat=none", "ENERGY 0.2 vat 21, TIME 1 vat 9", "2")]
    [InlineData("", "ENERGY 0.2 vat 21, TIME 1 vat 21", "2 2.42")]
    public void Min_price_vat_is_the_tariffs_one_rate_else_unknown_or_none(string reading, string elements, string total) =>
        Assert.Equal(total, new Dispute(elements, "10:00 PARKING_TIME 1") { TariffMembers = "\"min_price\":{\"excl_vat\":2}" }.Total(reading));

    [Theory]
    [InlineData("", "0")]
    [InlineData("clamp_vat=separate", "0 - VatOfMinPriceUnknown")]
    public void A_least_price_of_0_where_nothing_was_priced_tells_a_vat_of_0_or_none_by_the_other_reading(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 0.2 vat 21", "10:00 PARKING_TIME 1") { TariffMembers = "\"min_price\":{\"excl_vat\":0}" }.Total(reading));

    [Theory]
    [InlineData("2.2.1", "\"type\":\"REGULAR\"", "ENERGY 1 novat", "10 VatNotStated")]
    [InlineData("2.1.1", "\"type\":\"REGULAR\"", "ENERGY 1 novat", "10 -")]
    [InlineData("2.3.0", "\"tax_included\":\"NO\"", "ENERGY 1 vat 21", "10 12.1")]
    [InlineData("2.3.0", "\"tax_included\":\"YES\"", "ENERGY 1.21 vat 21", "10 12.1")]
    [InlineData("2.3.0", "\"tax_included\":\"N/A\"", "ENERGY 1 vat 21", "10")]
    public void Missing_vat_is_0_percent_or_unknown_and_tax_included_says_what_a_price_is(string version, string members, string elements, string total) =>
        Assert.Equal(total, new Dispute(elements, "10:00 ENERGY 10") { Version = version, TariffMembers = members }.Total());

    /// <summary>As in a CDR that is made of a bill.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("rounding=half_even")]
    [InlineData("rounding=per_component")]
    [InlineData("vat_rounding=per_rate")]
    public void Rounded_parts_add_up_to_the_rounded_total(string reading)
    {
        for (var number = 1; number <= 200; number++)
        {
            var answer = new Dispute($"ENERGY 0.{number:0000} vat 21, TIME 1.{number}5 vat 21, PARKING_TIME 0.{number + 7}5 vat 9, FLAT 0.{number}5 vat 21", "10:00 ENERGY 7.77 TIME 0.7777 ; 11:00 PARKING_TIME 0.3333")
            { IsRounded = true }.Answer(reading);
            foreach (var amount in new[] { "excl", "incl" })
            {
                decimal Of(string member) => decimal.Parse(answer.GetProperty(member).GetProperty(amount).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
                Assert.Equal(Of("total"), Of("energy") + Of("time") + Of("parking") + Of("fixed"));
            }
        }
    }

    [Theory]
    [InlineData("", "FLAT 0.125", "0.13")]
    [InlineData("rounding=half_away", "FLAT 0.125", "0.13")]
    [InlineData("rounding=half_even", "FLAT 0.125", "0.12")]
    [InlineData("rounding=half_even", "FLAT 0.135", "0.14")]
    [InlineData("", "ENERGY 0.0333, TIME 0.333", "0.67")]
    [InlineData("rounding=per_component", "ENERGY 0.0333, TIME 0.333", "0.66")]
    public void Rounding_is_once_a_total_half_away_or_to_even_or_of_each_line(string reading, string elements, string total) =>
        Assert.Equal(total, new Dispute(elements, "10:00 ENERGY 10 TIME 1") { IsRounded = true }.Total(reading));

    [Theory]
    [InlineData("", "0.10 0.13")]
    [InlineData("vat_rounding=total", "0.10 0.13")]
    [InlineData("vat_rounding=per_rate", "0.10 0.12")]
    public void Vat_rounding_is_of_the_exact_total_or_of_each_rates_rounded_base(string reading, string total) =>
        Assert.Equal(total, new Dispute("FLAT 0.104 vat 21", "10:00 ENERGY 10") { IsRounded = true }.Total(reading));
}
