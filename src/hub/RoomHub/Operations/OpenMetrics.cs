using System.Globalization;
using System.Text;

namespace RoomAgent.Hub.Operations;

/// <summary>The text format of OpenMetrics 1.0, which Prometheus and all who are compatible with it read.</summary>
internal static class OpenMetrics
{
    public const string ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>The name of a family: an instrument's, with the unit behind it, as the format wants.</summary>
    public static string NameOf(string instrument, string? unit)
    {
        string name = Clean(instrument);
        string? word = UnitOf(unit);
        return word is null || name.EndsWith("_" + word, StringComparison.Ordinal) ? name : $"{name}_{word}";
    }

    /// <summary>The word for an instrument's unit; counted things have none.</summary>
    public static string? UnitOf(string? unit) => unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => null,
    };

    /// <summary>Appends <c>name="value"</c>, escaped.</summary>
    public static void AppendLabel(StringBuilder text, string name, string value)
    {
        text.Append(Clean(name)).Append("=\"");
        AppendEscaped(text, value);
        text.Append('"');
    }

    /// <summary>The whole answer.</summary>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (MetricFamily family in families)
            Write(text, family);
        return text.Append("# EOF\n").ToString();
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        string type = family.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" };
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(type).Append('\n');
        if (family.Unit is { } unit)
            text.Append("# UNIT ").Append(family.Name).Append(' ').Append(unit).Append('\n');
        text.Append("# HELP ").Append(family.Name).Append(' ');
        AppendEscaped(text, family.Help);
        text.Append('\n');

        foreach ((string labels, MetricSeries series) in family.Series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            if (family.Kind != MetricKind.Histogram)
            {
                Sample(text, family.Name, family.Kind == MetricKind.Counter ? "_total" : "", labels, series.Value);
                continue;
            }

            for (int i = 0; i < series.Buckets.Length; i++)
                Sample(text, family.Name, "_bucket", WithBound(labels, family.Bounds[i]), series.Buckets[i]);
            Sample(text, family.Name, "_bucket", WithBound(labels, double.PositiveInfinity), series.Count);
            Sample(text, family.Name, "_count", labels, series.Count);
            Sample(text, family.Name, "_sum", labels, series.Value);
        }
    }

    private static void Sample(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string WithBound(string labels, double bound)
    {
        string number = Number(bound);
        // A bound is written as a real number even when it is whole.
        string real = double.IsInteger(bound) && !number.Contains('E', StringComparison.Ordinal) ? number + ".0" : number;
        return $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{real}\"";
    }

    private static string Number(double value)
    {
        if (double.IsPositiveInfinity(value))
            return "+Inf";
        return double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Clean(string name) => string.Create(name.Length, name, static (clean, name) =>
    {
        for (int i = 0; i < name.Length; i++)
            clean[i] = char.IsAsciiLetter(name[i]) || (i > 0 && char.IsAsciiDigit(name[i])) ? name[i] : '_';
    });

    private static void AppendEscaped(StringBuilder text, string value)
    {
        foreach (char letter in value)
        {
            switch (letter)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '"':
                    text.Append("\\\"");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                default:
                    text.Append(letter);
                    break;
            }
        }
    }
}
