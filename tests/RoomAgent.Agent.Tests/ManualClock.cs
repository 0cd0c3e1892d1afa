namespace RoomAgent.Agent.Tests;

/// <summary>A clock that stands still until a test advances it; timers go off on the way, in their order.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock _turn = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _elapsed;

    /// <summary>How far the wall clock is ahead of where it would be had nobody set it.</summary>
    public TimeSpan Correction { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now + _elapsed + Correction;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, period);
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_turn)
            _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan span)
    {
        TimeSpan end = _elapsed + span;
        while (NextDue(end) is { } timer)
        {
            _elapsed = timer.Due;
            timer.GoOff();
        }

        _elapsed = end;
    }

    private ManualTimer? NextDue(TimeSpan end)
    {
        lock (_turn)
            return _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
    }

    private sealed class ManualTimer(ManualClock clock, Action callback) : ITimer
    {
        public TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

        public void GoOff()
        {
            Due = TimeSpan.MaxValue;
            callback();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock._elapsed + dueTime;
            return true;
        }

        public void Dispose() => Due = TimeSpan.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
