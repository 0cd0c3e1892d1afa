using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>How a device is.</summary>
public enum DeviceState
{
    /// <summary>Nobody needs it, and no program of ours has it open.</summary>
    Closed,

    /// <summary>It is wanted and not there yet.</summary>
    Opening,

    /// <summary>It works.</summary>
    Running,

    /// <summary>It is wanted and does not work; it is tried again and again.</summary>
    Lost,
}

/// <summary>How a device is, and why.</summary>
/// <param name="State">How it is.</param>
/// <param name="Outcome">What it answered last; <see cref="DeviceOutcome.Done"/> unless it is lost.</param>
/// <param name="Problem">The same in the words of who knows, for the journal; empty when all is well.</param>
public sealed record DeviceStatus(DeviceState State, DeviceOutcome Outcome = DeviceOutcome.Done, string Problem = "")
{
    /// <summary>Whether it is the encoder that does not work, and not the device in front of it.</summary>
    public bool IsEncoder { get; init; }
}

/// <summary>How patient one is with devices.</summary>
public sealed record DevicePatience
{
    /// <summary>The longest that a thread waits for a device before it looks whether it is still wanted; so also about the longest that closing takes.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A device that gave nothing for so long is lost.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after it was lost a device is tried again.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);
}
