using System.Numerics;
using EvBilling.Billing;
using EvBilling.Billing.Explain;

namespace EvBilling.Tests.Explain;

public sealed class FlagWordsTests
{
    public static TheoryData<BillFlag> Flags => [.. Enum.GetValues<BillFlag>().Where(flag => BitOperations.IsPow2((long)flag))];

    public static TheoryData<BillFlag> HoldingFlags =>
        [.. Enum.GetValues<BillFlag>().Where(flag => BitOperations.IsPow2((long)flag) && (flag & BillFlag.Holding) != 0)];

    [Theory]
    [MemberData(nameof(Flags))]
    public void Every_flag_has_a_name_and_a_meaning(BillFlag flag)
    {
        var (name, meaning) = Assert.Single(BillFlagNames.Explain(flag));

        Assert.Equal(flag.ToString(), name);
        Assert.EndsWith(".", meaning, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(HoldingFlags))]
    public void Every_flag_that_holds_a_bill_says_what_can_be_done(BillFlag flag)
    {
        var (_, _, meaning, remedy) = Assert.Single(HeldRemedies.Of(flag));

        Assert.NotEmpty(meaning);
        Assert.True(remedy.Length > 40, remedy);
        Assert.EndsWith(".", remedy.TrimEnd(')'), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_hold_a_bill_needs_no_remedy() => Assert.Empty(HeldRemedies.Of(~BillFlag.Holding));
}
