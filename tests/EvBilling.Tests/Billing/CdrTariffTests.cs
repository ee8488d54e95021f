using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

public sealed class CdrTariffTests
{
    [Fact]
    public void What_was_read_leniently_is_written_as_OCPI_wants_it() => Becomes(
        """
        {"id":"T1","country_code":"nl","party_id":"EVB","currency":"eur","type":"regular",
        "tariff_alt_url":null,"tariff_alt_text":[],"min_price":null,"x":{"y":1},
        "elements":[{"price_components":[{"type":"energy","price":"0.4200","vat":null,"note":"n"}],"restrictions":null,"z":1},
        {"price_components":[{"type":"FLAT","price":1e-1,"vat":"21","step_size":1.0}],"restrictions":{"day_of_week":[],"min_kwh":null}}],
        "start_date_time":"2026-01-01T01:00:00+01:00","end_date_time":"9999-12-31T23:59:59Z","last_updated":"2025-12-31T12:00:00.12345"}
        """,
        """
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","type":"REGULAR",
        "elements":[{"price_components":[{"type":"ENERGY","price":0.42,"step_size":0}]},
        {"price_components":[{"type":"FLAT","price":0.1,"vat":21,"step_size":1}]}],
        "start_date_time":"2026-01-01T00:00:00Z","end_date_time":"9999-12-31T23:59:59Z","last_updated":"2025-12-31T12:00:00.123Z"}
        """);

    [Fact]
    public void A_tariff_that_states_no_publisher_is_the_operators_own() => Becomes(
        """
        {"id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.4,"step_size":1}]}],"start_date_time":"2026-01-01T00:00:00Z"}
        """,
        """
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.4,"step_size":1}]}],
        "start_date_time":"2026-01-01T00:00:00Z","last_updated":"2026-01-01T00:00:00Z"}
        """);

    [Fact]
    public void What_never_applies_is_left_out() => Becomes(
        Elements("""
            {"price_components":[{"type":"MYSTERY","price":9,"step_size":1},{"type":"ENERGY","price":0.4,"step_size":1}]},
            {"price_components":[{"type":"MYSTERY","price":9,"step_size":1}]},
            {"price_components":[{"type":"TIME","price":9,"step_size":1}],"restrictions":{"start_time":"noon"}}
            """),
        Elements("""{"price_components":[{"type":"ENERGY","price":0.4,"step_size":1}]}"""));

    [Fact]
    public void Restrictions_are_kept_with_their_spelling_mended() => Becomes(
        Elements("""
            {"price_components":[{"type":"TIME","price":2,"step_size":60}],"restrictions":{"start_time":"9:00","end_time":"24:00","start_date":"2026-01-01",
            "min_kwh":"1.50","max_duration":3600,"day_of_week":["monday","TUESDAY"],"reservation":"reservation"}}
            """),
        Elements("""
            {"price_components":[{"type":"TIME","price":2,"step_size":60}],"restrictions":{"start_time":"09:00","end_time":"00:00","start_date":"2026-01-01",
            "min_kwh":1.5,"max_duration":3600,"day_of_week":["MONDAY","TUESDAY"],"reservation":"RESERVATION"}}
            """));

    [Fact]
    public void Bounds_become_prices_and_texts_stay() => Becomes(
        """
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","tax_included":"NO",
        "tariff_alt_text":[{"language":"nl","text":"Laden é"},{"language":"en"}],
        "tariff_alt_url":"https://example.com/t","min_price":0.5,"max_price":{"before_taxes":10,"after_taxes":12.1},
        "elements":[{"price_components":[{"type":"ENERGY","price":0.4,"vat":21,"step_size":1}]}],
        "energy_mix":{"is_green_energy":true,"supplier_name":"\ud83d\ude00"},"last_updated":"2026-01-01T00:00:00Z"}
        """,
        """
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR","tariff_alt_text":[{"language":"nl","text":"Laden é"}],
        "tariff_alt_url":"https://example.com/t","min_price":{"excl_vat":0.5},"max_price":{"excl_vat":10,"incl_vat":12.1},
        "elements":[{"price_components":[{"type":"ENERGY","price":0.4,"vat":21,"step_size":1}]}],
        "energy_mix":{"is_green_energy":true,"supplier_name":"😀"},"last_updated":"2026-01-01T00:00:00Z"}
        """);

    [Fact]
    public void Half_a_character_in_a_text_costs_that_text_alone() => Becomes(
        Elements("""{"price_components":[{"type":"ENERGY","price":0.4,"step_size":1}]}""", """
            "tariff_alt_url":"\ud83d","energy_mix":{"is_green_energy":true,"supplier_name":"\ud83d"},
            """),
        Elements("""{"price_components":[{"type":"ENERGY","price":0.4,"step_size":1}]}"""));

    [Fact]
    public void Where_no_tax_applies_no_VAT_is_stated() => Becomes(
        Elements("""{"price_components":[{"type":"ENERGY","price":0.5,"vat":21,"step_size":1}]}""", "\"tax_included\":\"N/A\","),
        Elements("""{"price_components":[{"type":"ENERGY","price":0.5,"step_size":1}]}"""));

    [Fact]
    public void Prices_with_taxes_included_cannot_be_stated_so_the_cdr_carries_no_tariff()
    {
        var cdr = Operator.Cdr(Bill(), change: facts => facts with { TariffJson = Utf8(Elements("", "\"tax_included\":\"YES\",")) });
        Assert.False(cdr.TryGetProperty("tariffs", out _));
        Assert.Equal("T1", cdr.GetProperty("charging_periods")[0].GetProperty("tariff_id").GetString());
    }

    [Fact]
    public void A_tariffs_long_id_is_cut_alike_in_the_tariff_and_in_the_periods()
    {
        var id = new string('t', 80);
        var cdr = Operator.Cdr(Bill(), change: facts => facts with { TariffJson = Utf8(TariffJson.Replace("\"T1\"", $"\"{id}\"", StringComparison.Ordinal)) });
        Assert.Matches("^t{19}-[0-9a-f]{16}$", cdr.GetProperty("tariffs")[0].GetProperty("id").GetString());
        Assert.Equal(cdr.GetProperty("tariffs")[0].GetProperty("id").GetString(), cdr.GetProperty("charging_periods")[0].GetProperty("tariff_id").GetString());
    }

    private static string Elements(string elements, string members = "") => $$"""
        {"country_code":"NL","party_id":"EVB","id":"T1","currency":"EUR",{{members}}"elements":[{{elements}}],"last_updated":"2026-01-01T00:00:00Z"}
        """;

    private static void Becomes(string read, string written)
    {
        var cdr = Operator.Cdr(Bill(), change: facts => facts with { TariffJson = Utf8(read) });
        Assert.Equal(CdrWriterTests.Compact(written), CdrWriterTests.Compact(cdr.GetProperty("tariffs")[0].GetRawText()));
    }
}
