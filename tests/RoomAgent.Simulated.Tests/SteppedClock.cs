namespace RoomAgent.Simulated.Tests;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private long _ticks = TimeSpan.FromHours(5).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Now => new(Volatile.Read(ref _ticks));

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
