namespace RoomAgent.Wire;

/// <summary>
/// A point on the monotonic clock of this process. Only the host reads that clock; everyone else is told the time,
/// so that a test can make a day pass in a millisecond and every run is the same.
/// </summary>
/// <remarks>
/// The zero is arbitrary and differs between processes: an <see cref="Instant"/> is never stored, sent or shown.
/// Moments that people or certificates mean are <see cref="DateTimeOffset"/> and also arrive as arguments.
/// </remarks>
/// <param name="Ticks">Units of 100 ns since the arbitrary zero.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>A moment that never comes: the timeout of someone who waits for nothing.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>The moment <paramref name="span"/> after <paramref name="start"/>; past the ends of the clock it stays at the end.</summary>
    public static Instant operator +(Instant start, TimeSpan span)
    {
        long sum = unchecked(start.Ticks + span.Ticks);
        bool overflowed = ((start.Ticks ^ sum) & (span.Ticks ^ sum)) < 0;
        if (overflowed)
            return new Instant(span.Ticks < 0 ? long.MinValue : long.MaxValue);
        return new Instant(sum);
    }

    /// <summary>The moment <paramref name="span"/> before <paramref name="start"/>.</summary>
    public static Instant operator -(Instant start, TimeSpan span) =>
        span == TimeSpan.MinValue ? start + TimeSpan.MaxValue : start + -span;

    /// <summary>How much later <paramref name="later"/> is; negative when it is earlier. Saturates at the longest span there is.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier)
    {
        long difference = unchecked(later.Ticks - earlier.Ticks);
        bool overflowed = ((later.Ticks ^ earlier.Ticks) & (later.Ticks ^ difference)) < 0;
        if (overflowed)
            return later.Ticks < 0 ? TimeSpan.MinValue : TimeSpan.MaxValue;
        return new TimeSpan(difference);
    }

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> or is the same moment.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> or is the same moment.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>The earlier of two moments.</summary>
    public static Instant Min(Instant left, Instant right) => left < right ? left : right;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);
}
