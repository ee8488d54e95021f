using EvBilling.Billing;
using EvBilling.Billing.Explain;
using EvBilling.Rating;
using EvBilling.Tariffs;

namespace EvBilling.Cli.Explain;

/// <summary>How each line was priced and why by that component, and why the others billed nothing.</summary>
internal static class PricingText
{
    private const int Indent = 3;
    private const int ShownMax = 40;

    public static void Write(Page page, BillExplanation explanation)
    {
        var bill = explanation.Bill;
        if (bill.TotalExclVat is null || bill.Status is BillStatus.Void or BillStatus.Held)
        {
            return;
        }
        page.Section("How it was priced");
        if (explanation.Pricing is null)
        {
            WriteStatedLines(page, bill);
            return;
        }
        var isRestricted = explanation.Tariff?.Tariff?.Elements.Any(element => element.Restrictions.Length > 0) == true;
        var isGross = explanation.Tariff?.Tariff?.TaxIncluded == TaxIncluded.Yes;
        page.Paragraph(
            $"Prices are {(isGross ? "those of the tariff, with VAT" : "without VAT")}. Elements and components of the tariff are counted from 1. "
            + (isRestricted, IsWhole(explanation.Pricing)) switch
            {
                (true, false) => "In each charging period the first element counts whose restrictions hold at the period's start and that has a price for what was measured.",
                (true, true) => "In each charging period the first element whose restrictions hold at the period's start counts for all that was measured (element_choice=whole_element).",
                (false, false) => "None of its elements has restrictions, so each applies to the whole session; the first one that has a price for what was measured counts.",
                (false, true) => "None of its elements has restrictions, so the first one counts for all that was measured (element_choice=whole_element).",
            });
        var shown = explanation.Pricing.Lines.Take(ShownMax).ToList();
        for (var i = 0; i < shown.Count; i++)
        {
            var isFirst = shown.FindIndex(line => (line.Line.Element, line.Line.Component) == (shown[i].Line.Element, shown[i].Line.Component)) == i;
            WriteLine(page, i + 1, shown[i], bill, explanation.Pricing.Options, isFirst);
        }
        if (explanation.Pricing.Lines.Count > ShownMax)
        {
            page.Paragraph($"... and {explanation.Pricing.Lines.Count - ShownMax} more lines (`evbilling bills --session` shows all).");
        }
        WriteUnused(page, explanation, explanation.Pricing);
    }

    private static void WriteStatedLines(Page page, Bill bill)
    {
        page.Paragraph(
            "The tariff version that priced this bill is not in the store, or does not give these amounts; so these are the bill's own lines, without a "
            + "derivation.");
        foreach (var line in bill.Lines.Take(ShownMax))
        {
            page.Amount(
                $"{Words.Of(line.Dimension)}: {Words.Quantity(line.Dimension, line.Quantity)} x {Words.Price(line.Dimension, line.UnitPrice, bill.Currency)} "
                + $"({Path(line.Element, line.Component)})",
                Words.Money(line.AmountExclVat, bill.Currency), Indent);
        }
    }

    private static void WriteLine(Page page, int number, ExplainedLine explained, Bill bill, RatingOptions options, bool isFirst)
    {
        var line = explained.Line;
        page.Blank();
        page.Amount($"{number}. {Words.Of(line.Dimension)}{When(explained)}", Words.Money(line.AmountExclVat, bill.Currency));
        var exact = Words.ExactMoney(explained.ExactExclVat, bill.Currency);
        var rounded = explained.ExactExclVat == line.AmountExclVat ? "" : $" -> {Words.Money(line.AmountExclVat, bill.Currency)}";
        if (line.Element == BillLine.NoElement)
        {
            page.Paragraph(
                line.Dimension == "MIN_PRICE" ? "What is missing from the tariff's min_price, which a session costs at least."
                    : "What goes beyond the tariff's max_price, which a session costs at most.",
                Indent);
            page.Paragraph(Vat(line, bill), Indent);
            return;
        }
        var tax = explained.IsGross ? " with VAT; without" : "";
        page.Paragraph($"{Quantity(line)} x {Words.Price(line.Dimension, line.UnitPrice, bill.Currency)}{tax} = {exact}{rounded}", Indent);
        page.Paragraph(Vat(line, bill), Indent);
        if (line.AmountExclVat != explained.RoundedAlone || (explained.VatRoundedAlone is { } vat && vat != line.AmountVat))
        {
            page.Paragraph(
                $"(By itself this line would round to {Words.Money(explained.RoundedAlone, bill.Currency)}"
                + $"{(explained.VatRoundedAlone is { } alone ? $" and {Words.Money(alone, bill.Currency)} VAT" : "")}; "
                + "lines are adjusted so that they add up to the totals.)",
                Indent);
        }
        // What holds for all lines of a component is said once.
        if (!isFirst && explained.Step != StepEffect.Raised)
        {
            return;
        }
        if (line.Dimension == "ENERGY" && bill.EnergyMwh is { } energy && energy != explained.StepMeasured)
        {
            page.Paragraph($"{Words.Kwh(energy)} are taken as {Words.Kwh(explained.StepMeasured)}: charging periods carry 4 decimals, as in OCPI.", Indent);
        }
        if (StepSentence(explained, options) is { } step)
        {
            page.Paragraph(step, Indent);
        }
        if (!isFirst)
        {
            return;
        }
        page.Paragraph(
            $"Price: element {line.Element + 1}, component {line.Component + 1} ({Path(line.Element, line.Component)}), the first with {line.Dimension}"
            + (explained.Restrictions.Length == 0 ? "." : $" that applied: {Printable.Of(explained.Restrictions)}."),
            Indent);
    }

    private static string When(ExplainedLine explained) =>
        explained.LinesOfDimension > 1 ? $", {Words.Time(explained.Line.FromUnixNs)} to {Words.Time(explained.Line.ToUnixNs)} (UTC)" : "";

    private static string Quantity(BillLine line) =>
        line.Unit == "h" ? $"{Words.Quantity(line.Dimension, line.Quantity)} ({Words.Cut(line.Quantity)} h)" : Words.Quantity(line.Dimension, line.Quantity);

    private static string Vat(BillLine line, Bill bill) => line switch
    {
        { AmountVat: null } => "VAT: the tariff does not tell the rate.",
        { VatRate: null } => "VAT: no tax applies.",
        _ => $"VAT {Words.Percent(line.VatRate)}: {Words.Money(line.AmountVat.Value, bill.Currency)}",
    };

    private static bool IsWhole(PricingExplanation pricing) => pricing.Options.ElementChoice == ElementChoice.WholeElement;

    private static string? StepSentence(ExplainedLine explained, RatingOptions options)
    {
        var line = explained.Line;
        var steps = $"steps of {Words.Step(line.Dimension, explained.StepSize)}"
            + (options.StepTotal == StepTotalRule.All ? ", counted with what no component prices (step_total=all)" : "")
            + (options.StepSize == StepSizeRule.NextMultiple ? ", a whole number of them to the next one (step_size=next_multiple)" : "");
        var measured = Words.Volume(line.Dimension, explained.StepMeasured);
        var billed = Words.Volume(line.Dimension, explained.StepBilled);
        var by = explained.LinesOfDimension > 1 ? " by all such lines" : "";
        return explained.Step switch
        {
            StepEffect.WholeSteps => $"{measured} measured{by}, a whole number of {steps}.",
            StepEffect.Raised =>
                $"{measured} measured{by}, rounded up to {billed}: {steps}.{(by.Length > 0 ? " This line is the last and carries what was added." : "")}",
            StepEffect.RaisedOnLastLine => $"{measured} measured by all such lines, rounded up to {billed}: {steps}. The last of them carries what was added.",
            StepEffect.RaisedPerPeriod => $"{measured} measured{by}, rounded up to {billed}: in each charging period by itself, {steps} (step_size=per_period).",
            StepEffect.LeftToParking =>
                $"{measured} measured{by}, not rounded up to {steps}: where parking is priced too, only parking is rounded up (OCPI's rule for step_size).",
            _ => null,
        };
    }

    private static void WriteUnused(Page page, BillExplanation explanation, PricingExplanation pricing)
    {
        var bill = explanation.Bill;
        var lines = pricing.Free.Select(dimension => Free(dimension, bill)).ToList();
        if (bill.WaitingNs > 0)
        {
            lines.Add(
                $"Waiting, {Words.Duration(bill.WaitingNs)}: no charge. Before charging, or while the station pauses it, time is neither charging nor parking "
                + "time.");
        }
        lines.AddRange(pricing.Unused.Select(unused => Unused(unused, bill, IsWhole(pricing))));
        lines.AddRange((explanation.Tariff?.Tariff?.Findings ?? [])
            .Where(finding => finding.Severity == FindingSeverity.Error)
            .Select(finding => $"At {Printable.Of(finding.Path)} of the tariff: {Printable.Of(finding.Message)}"));
        if (lines.Count == 0)
        {
            return;
        }
        page.Blank();
        page.Paragraph("Not charged:");
        foreach (var line in lines.Take(ShownMax))
        {
            page.Item(line);
        }
        if (lines.Count > ShownMax)
        {
            page.Item($"... and {lines.Count - ShownMax} more.");
        }
    }

    private static string Path(int element, int component) => $"elements[{element}].price_components[{component}]";

    private static string Free(TariffDimension dimension, Bill bill)
    {
        var volume = dimension switch { TariffDimension.Energy => bill.EnergyMwh ?? 0, TariffDimension.Time => bill.ChargingNs, _ => bill.ParkingNs };
        return $"{Words.Of(dimension)}, {Words.Volume(dimension.OcpiName(), volume)}: no charge, as no element of the tariff has {dimension.OcpiName()}.";
    }

    private static string Unused(UnusedComponent unused, Bill bill, bool isWhole)
    {
        var (element, component) = (unused.Element, unused.Component);
        var name = component.Dimension.OcpiName();
        var which = $"Element {element.Index + 1}, component {component.Index + 1} ({Path(element.Index, component.Index)}, "
            + $"{name} {Words.Price(name, component.Price, bill.Currency)})";
        if (unused.Before is { } before)
        {
            return before.Index == element.Index
                ? $"{which}: the element has {name} already, and its first one counts."
                : isWhole ? $"{which}: element {before.Index + 1} applied before it, and the first element that applies counts for all (element_choice=whole_element)."
                : $"{which}: element {before.Index + 1} has {name} already, and the first element that has one counts (element_choice per_dimension).";
        }
        if (component.Dimension == TariffDimension.Flat && bill.Lines.FirstOrDefault(line => line.Dimension == name) is { } charged)
        {
            return $"{which}: FLAT is charged once per session, by the first element with FLAT that applied, element {charged.Element + 1}.";
        }
        if (unused.WasMeasured && isWhole)
        {
            return $"{which}: in no charging period was its element the first that applied, which alone counts (element_choice=whole_element).";
        }
        if (unused.WasMeasured && element.Restrictions.Length > 0)
        {
            return $"{which}: its restrictions held in no charging period ({Printable.Of(string.Join(", ", element.Restrictions.Select(stated => $"{stated.Name} {stated.Json}")))}).";
        }
        return component.Dimension switch
        {
            TariffDimension.Energy => $"{which}: no energy was delivered.",
            TariffDimension.Time => $"{which}: the car did not charge.",
            TariffDimension.ParkingTime => $"{which}: the car was not parked without charging.",
            _ => $"{which}: there was nothing to price.",
        };
    }
}
