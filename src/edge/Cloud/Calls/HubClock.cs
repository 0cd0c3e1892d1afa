namespace RoomAgent.Cloud.Calls;

/// <summary>
/// The hub's time, as far as this device knows it: its own clock and how far that is off. A board without a battery may be wrong by decades until something sets its clock,
/// and be set by somebody else while this runs; both show in the next answer.
/// </summary>
internal sealed class HubClock(TimeProvider device)
{
    /// <summary>What a Date may differ without a correction: it has whole seconds and is a while under way.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private static readonly DateTimeOffset s_first = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_last = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _offset;

    /// <summary>The device's own clock, for pauses.</summary>
    public TimeProvider Device => device;

    /// <summary>How late it is at the hub.</summary>
    public DateTimeOffset Now
    {
        get
        {
            // A clock at either end of time, or an offset from before it was set, must not break what is reckoned with it.
            long ticks = device.GetUtcNow().UtcTicks + Interlocked.Read(ref _offset);
            return new DateTimeOffset(Math.Clamp(ticks, s_first.UtcTicks, s_last.UtcTicks), TimeSpan.Zero);
        }
    }

    /// <summary>Whether the hub has signed a time since the process began.</summary>
    public bool IsTrusted { get; private set; }

    /// <summary>A time that the hub, which somebody has vouched for, has signed.</summary>
    public void Trust(DateTimeOffset time)
    {
        Set(time);
        IsTrusted = true;
    }

    /// <summary>The Date of an answer.</summary>
    /// <returns>Whether it was so far from what was thought that the clock is corrected by it.</returns>
    public bool Correct(DateTimeOffset date)
    {
        if ((date - Now).Duration() <= Slack || date < s_first || date > s_last)
            return false;

        Set(date);
        return true;
    }

    /// <summary>Milliseconds since 1970 as a time, when a hub that exists can have meant it.</summary>
    public static DateTimeOffset? Plausible(long milliseconds) =>
        milliseconds >= s_first.ToUnixTimeMilliseconds() && milliseconds <= s_last.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    private void Set(DateTimeOffset time) => Interlocked.Exchange(ref _offset, time.UtcTicks - device.GetUtcNow().UtcTicks);
}
