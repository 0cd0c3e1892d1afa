using RoomAgent.Hub.Testing;

namespace RoomAgent.Cloud.Tests;

/// <summary>The clock of a device in the hub's virtual time: it goes as fast, but may be wrong. Its timers, with which calls are bounded, are real.</summary>
internal sealed class DeviceTime(VirtualClock world) : TimeProvider
{
    /// <summary>How far it is from the hub's.</summary>
    public TimeSpan Error { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + Error;

    public override long GetTimestamp() => world.GetUtcNow().UtcTicks;
}
