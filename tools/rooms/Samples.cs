using System.Globalization;

namespace RoomAgent.Rooms;

/// <summary>What was measured again and again, and what it must be at most.</summary>
/// <param name="What">In words.</param>
/// <param name="Unit">s, ms or MB.</param>
/// <param name="Must">The most that 95 of 100 may be.</param>
internal sealed record Samples(string What, string Unit, double Must)
{
    private readonly List<double> _values = [];

    /// <summary>What the columns of <see cref="Row"/> are.</summary>
    public static string Heading => $"{"what",-62}  {"p50",8}  {"p95",8}  {"most",8}  {"must",8}  times";

    /// <summary>Whether it is as it must be.</summary>
    public bool IsGood => _values.Count > 0 && Share(0.95) <= Must;

    public void Add(double value)
    {
        lock (_values)
            _values.Add(value);
    }

    /// <summary>As a row of the table.</summary>
    public string Row() => string.Create(CultureInfo.InvariantCulture,
        $"{What,-62}  {Share(0.5),8:0.00}  {Share(0.95),8:0.00}  {Share(1),8:0.00}  {Must,8:0.0}  {_values.Count,5}  {Unit}{(IsGood ? "" : "  TOO MUCH")}");

    // The smallest of which so many are not greater.
    private double Share(double share)
    {
        double[] sorted = [.. _values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * share) - 1, 0, sorted.Length - 1)];
    }
}
