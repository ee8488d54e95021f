using EvBilling.Billing;
using EvBilling.Billing.Ocpi;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

public sealed class CdrChainTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Final", "S-1-1")]
    [InlineData("Final Final", "S-1-1 S-1-1-C S-1-2")]
    [InlineData("Final Final Final", "S-1-1 S-1-1-C S-1-2 S-1-2-C S-1-3")]
    [InlineData("Held", "")]
    [InlineData("Held Final", "S-1-2")]
    [InlineData("Final Held", "S-1-1")]
    [InlineData("Final Open", "S-1-1")]
    [InlineData("Final Held Held Final", "S-1-1 S-1-1-C S-1-4")]
    [InlineData("Final Void", "S-1-1 S-1-1-C")]
    [InlineData("Final Held Void", "S-1-1 S-1-1-C")]
    [InlineData("Final Void Void", "S-1-1 S-1-1-C")]
    [InlineData("Final Void Final", "S-1-1 S-1-1-C S-1-3")]
    [InlineData("Void", "")]
    public void A_new_final_or_void_version_credits_the_last_final_one(string versions, string cdrs)
    {
        var bills = versions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((status, i) => Bill(Enum.Parse<BillStatus>(status), i + 1)).ToArray();
        Assert.Equal(cdrs, string.Join(' ', CdrChain.Of(bills).Select(item => item.Id)));
    }

    [Fact]
    public void A_credit_carries_the_bill_it_credits_and_names_its_cdr()
    {
        var (first, second) = (Bill(), Bill(version: 2));
        var chain = CdrChain.Of([first, second]);
        Assert.Equal([first, first, second], chain.Select(item => item.Bill));
        Assert.Equal([null, "S-1-1", null], chain.Select(item => item.CreditReferenceId));
        Assert.Equal([1, 2, 2], chain.Select(item => item.CreatedByVersion));
    }

    [Fact]
    public void Versions_of_two_sessions_or_out_of_order_are_refused()
    {
        Assert.Throws<ArgumentException>(() => CdrChain.Of([Bill(version: 2), Bill(version: 1)]));
        Assert.Throws<ArgumentException>(() => CdrChain.Of([Bill(version: 1), Bill(version: 2, sessionId: "S-2")]));
    }

    [Fact]
    public void An_id_that_OCPI_takes_stays_as_it_is()
    {
        var longest = new string('x', 36);
        Assert.Equal(longest, OcpiId.Of(longest, 36));
        Assert.Equal("CP 1@20240501T100000Z", OcpiId.Of("CP 1@20240501T100000Z", 36));
    }

    [Fact]
    public void An_id_that_OCPI_does_not_take_keeps_its_beginning_and_gets_a_hash()
    {
        // The first 16 digits of what sha256sum says.
        Assert.Equal("aaaaaaaaaaaaaaaaaaa-11ee391211c62564", OcpiId.Of(new string('a', 60), 36));
        Assert.Matches("^S_ule 1-[0-9a-f]{16}$", OcpiId.Of("Säule 1", 36));
    }

    [Fact]
    public void Cut_ids_are_unique()
    {
        var sessions = Enumerable.Range(0, 5_000).Select(i => $"a-station-with-a-very-long-identifier-{i}-and-more-behind-it-{i % 7}");
        var ids = sessions.SelectMany(session => new[] { 1, 2, 10, 12_345 }.SelectMany(version => new[] { false, true }
            .Select(isCredit => new CdrItem(Bill(version: version, sessionId: session), isCredit)))).ToList();
        Assert.Equal(ids.Count, ids.Select(item => item.Id).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(ids, item => Assert.True(item.Id.Length <= (item.IsCredit ? 38 : 36)));
    }

    [Fact]
    public void Sessions_and_versions_never_share_an_id() =>
        Assert.Equal(4, new[] { ("S", 11), ("S-1", 1), ("S-11", 1), ("S-1-1", 1) }
            .Select(pair => new CdrItem(Bill(version: pair.Item2, sessionId: pair.Item1), false).Id).Distinct().Count());
}
