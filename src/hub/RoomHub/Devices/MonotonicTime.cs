using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>Durations are measured with this, so that nobody waits an hour because a machine's clock was set back by one.</summary>
internal static class MonotonicTime
{
    /// <summary>The present, of use only beside others of the same clock.</summary>
    public static Instant Monotonic(this TimeProvider clock) => new(clock.GetElapsedTime(0).Ticks);
}
