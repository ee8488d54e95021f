using System.Reflection;
using EvBilling.Rating;

namespace EvBilling.Tests.Pricing.Rules;

/// <summary>Rows 16, 18 and 21 to 23 of ocpi-semantics.md: several tariffs, credits, and documents that are not as they should be.</summary>
public sealed class DocumentRuleTests
{
    private const string Until = "\"end_date_time\":\"2026-03-02T11:00:00Z\"";
    private const string From = "\"start_date_time\":\"2026-03-02T11:00:00Z\"";

    [Theory]
    [InlineData("", "", "2")]
    [InlineData("tariff_choice=stated", "", "2")]
    [InlineData("tariff_choice=per_period", "", "6")]
    [InlineData("tariff_choice=session_start_only", "", "2")]
    [InlineData("", "tariff:B", "6")]
    [InlineData("tariff_choice=session_start_only", "tariff:B", "2")]
    [InlineData("", "tariff:C", "2 TariffIdUnknown")]
    public void Tariff_choice_is_the_periods_own_else_that_of_the_sessions_start_or_of_each_period(string reading, string named, string total) => Assert.Equal(
        total, new Dispute("", $"10:00 ENERGY 1 ; 11:00 ENERGY 1 {named}") { Tariffs = [Dispute.Tariff("A", "ENERGY 1", Until), Dispute.Tariff("B", "ENERGY 5", From)] }.Total(reading));

    [Theory]
    [InlineData("", false, "2")]
    [InlineData("mid_session_change=session_start", false, "2")]
    [InlineData("mid_session_change=per_period", false, "6")]
    [InlineData("mid_session_change=per_period", true, "6")]
    public void Mid_session_change_leaves_a_session_to_the_version_of_its_start_or_each_period_to_its_own(string reading, bool isNewestFirst, string total)
    {
        string[] versions = [Dispute.Tariff("T", "ENERGY 1", "\"last_updated\":\"2026-01-01T00:00:00Z\""), Dispute.Tariff("t", "ENERGY 5", From), Dispute.Tariff("OTHER", "ENERGY 9", From)];
        var dispute = new Dispute("", "10:00 ENERGY 1 ; 11:00 ENERGY 1 tariff:T") { Tariffs = isNewestFirst ? [versions[2], versions[1], versions[0]] : versions };
        Assert.Equal(total, dispute.Total(reading));
    }

    [Fact]
    public void Mid_session_change_within_a_partners_period_is_flagged_and_can_be_split()
    {
        var dispute = new Dispute("", "10:00 ENERGY 2") { Tariffs = [Dispute.Tariff("T", "ENERGY 1"), Dispute.Tariff("T", "ENERGY 5", From)] };
        Assert.Equal("2", dispute.Total());
        Assert.Equal("2 PeriodSpansPriceChange", dispute.Total("mid_session_change=per_period"));
        Assert.Equal("6 PeriodSpansPriceChange", dispute.Total("mid_session_change=per_period unsplit=interpolated"));
    }

    [Theory]
    [InlineData("", "-5", "5")]
    [InlineData("credit=negated", "-5", "5")]
    [InlineData("credit=not_negated", "5", "5")]
    public void Credit_makes_the_total_negative_and_nothing_else_or_not_even_that(string reading, string total, string energy)
    {
        var dispute = new Dispute("ENERGY 1", "10:00 ENERGY 5") { CdrMembers = "\"credit\":true" };
        Assert.Equal(total, dispute.Total(reading));
        Assert.Equal(energy, dispute.Answer(reading).GetProperty("energy").GetProperty("excl").GetString());
    }

    [Theory]
    [InlineData("", "5 PeriodsUnsorted")]
    [InlineData("period_order=sorted", "5 PeriodsUnsorted")]
    [InlineData("period_order=as_given", "4 PeriodsUnsorted")]
    public void Period_order_is_by_start_or_as_given(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1 | \"max_kwh\":1 ; ENERGY 2", "11:00 ENERGY 2 ; 10:00 ENERGY 1").Total(reading));

    [Theory]
    [InlineData("", "1 DuplicateDimension")]
    [InlineData("dup_dimension=first", "1 DuplicateDimension")]
    [InlineData("dup_dimension=last", "2 DuplicateDimension")]
    public void Dup_dimension_counts_once_the_first_or_the_last(string reading, string total) =>
        Assert.Equal(total, new Dispute("ENERGY 1", "10:00 ENERGY 1 ENERGY 2").Total(reading));

    [Fact]
    public void A_cdr_without_periods_costs_nothing_and_is_flagged() => Assert.Equal("0 NoPeriods", new Dispute("ENERGY 1, FLAT 1", "").Total());

    [Fact]
    public void A_cdr_that_ends_before_it_starts_is_priced_as_its_periods_are_and_flagged()
    {
        Assert.Equal("5 NegativeDuration", new Dispute("ENERGY 1", "10:00 ENERGY 5") { End = "09:59:59" }.Total());
        Assert.Equal("5", new Dispute("ENERGY 1", "10:00 ENERGY 5") { End = "10:00" }.Total());
    }

    [Theory]
    [InlineData("""{"id":"T","currency":"eur","min_price":null,"elements":[{"price_components":[{"type":"time","price":"1"},{"type":"SOLAR","price":9}],"restrictions":{"start_time":"9:00","day_of_week":[],"colour":"red"}}],"tariff_alt_text":[]}""", "1 TariffReadLeniently VatNotStated")]
    [InlineData("""{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"TIME","price":1,"vat":0}],"restrictions":{"reservation":"MAYBE"}}]}""", "0")]
    [InlineData("""{"id":"T","currency":"EUR","elements":[{"price_components":[{"type":"TIME","vat":0}]}]}""", "/tariffs/0/elements/0/price_components/0/price: price is missing; please state it as a number.")]
    [InlineData("""{"id":"T","elements":[{"price_components":[{"type":"TIME","price":1}]}]}""", "/tariffs/0/currency: ")]
    public void Lenient_reading_mends_spelling_and_never_guesses_a_price_or_a_currency(string tariff, string total) =>
        Assert.StartsWith(total, new Dispute("", "10:00 TIME 1") { Tariffs = [tariff] }.Total(), StringComparison.Ordinal);

    /// <summary>They stand for "always" in many systems.</summary>
    [Theory]
    [InlineData("\"start_date_time\":\"0001-01-01T00:00:00Z\"")]
    [InlineData("\"end_date_time\":\"9999-12-31T23:59:59Z\"")]
    [InlineData("\"start_date_time\":\"1000-01-01T00:00:00Z\",\"end_date_time\":\"2999-12-31T23:59:59.999Z\"")]
    public void A_tariff_may_be_valid_from_the_first_year_to_the_last(string members) =>
        Assert.Equal("5", new Dispute("ENERGY 1", "10:00 ENERGY 5") { TariffMembers = members }.Total());

    [Theory]
    [InlineData("like=ocpi-tariffs", "end_midnight=never_alone", "1")]
    [InlineData("like=ocpi-kit", "end_midnight=end_of_day", "0")]
    public void Like_an_engine_sets_every_reading_and_a_later_one_overrules_it(string like, string other, string total)
    {
        var dispute = new Dispute("TIME 1 | \"end_time\":\"00:00\"", "10:00 TIME 1");
        Assert.Equal(total, dispute.Total(like));
        Assert.NotEqual(total, dispute.Total($"{like} {other}"));
    }

    /// <summary>A reading that is added gets its row here, or in the tests of bills.</summary>
    [Fact]
    public void Every_value_of_every_reading_is_tried_by_a_test_that_names_its_rule()
    {
        var tried = typeof(DocumentRuleTests).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(DocumentRuleTests).Namespace || type == typeof(Billing.ReadingsOfBillsTests))
            .SelectMany(type => type.GetMethods()).SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>().Select(row => (Rule: method.Name, Reading: row.Data[0] as string)))
            .Where(row => row.Reading is { Length: > 0 }).ToList();
        foreach (var name in RatingReadings.Names)
        {
            var rule = $"{char.ToUpperInvariant(name[0])}{name[1..]}_";
            Assert.All(RatingReadings.ValuesOf(name), value => Assert.Contains(tried, row => row.Reading == $"{name}={value}" && row.Rule.StartsWith(rule, StringComparison.Ordinal)));
        }
    }
}
