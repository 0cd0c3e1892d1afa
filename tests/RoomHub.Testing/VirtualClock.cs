namespace RoomAgent.Hub.Testing;

/// <summary>Time that stands still until it is told to go on.</summary>
public sealed class VirtualClock : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
