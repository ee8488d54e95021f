using System.Globalization;
using System.Text;
using EvBilling.Engine;

namespace EvBilling.Cli.Service;

/// <summary>Writes metrics as Prometheus reads them: its text format, version 0.0.4.</summary>
internal sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void Counter(string name, string help, double value) => Single(name, "counter", help, value);

    public void Gauge(string name, string help, double value) => Single(name, "gauge", help, value);

    /// <param name="values">The label's values are from fixed lists: they need no escapes.</param>
    public void Counter(string name, string help, string label, IEnumerable<(string Label, double Value)> values) => Labelled(name, "counter", help, label, values);

    /// <inheritdoc cref="Counter(string, string, string, IEnumerable{ValueTuple{string, double}})"/>
    public void Gauge(string name, string help, string label, IEnumerable<(string Label, double Value)> values) => Labelled(name, "gauge", help, label, values);

    public void Histogram(string name, string help, DurationHistogram durations)
    {
        Head(name, "histogram", help);
        var counts = durations.Counts();
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < DurationHistogram.UpperBoundsS.Count ? Number(DurationHistogram.UpperBoundsS[i]) : "+Inf";
            Sample($"{name}_bucket{{le=\"{bound}\"}}", total);
        }
        Sample(name + "_sum", durations.Sum.TotalSeconds);
        Sample(name + "_count", total);
    }

    private void Single(string name, string type, string help, double value)
    {
        Head(name, type, help);
        Sample(name, value);
    }

    private void Labelled(string name, string type, string help, string label, IEnumerable<(string Label, double Value)> values)
    {
        Head(name, type, help);
        foreach (var (of, value) in values)
        {
            Sample($"{name}{{{label}=\"{of}\"}}", value);
        }
    }

    private void Head(string name, string type, string help) => _text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private void Sample(string name, double value) => _text.Append(name).Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
