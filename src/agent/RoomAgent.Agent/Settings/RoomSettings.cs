using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Settings;

/// <summary>
/// The configuration of this device, checked: whoever holds one need not check again. It starts out as the defaults;
/// <see cref="SettingTable"/> says what may be written into it from outside.
/// </summary>
public sealed record RoomSettings
{
    /// <summary>The least important message that is still logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Which camera, microphones and display the room has.</summary>
    public HardwareMode Hardware { get; init; } = HardwareMode.Real;

    /// <summary>The directory that outlives a restart. One daemon at a time owns it.</summary>
    public string StateDirectory { get; init; } = "/var/lib/roomagent";

    /// <summary>How often the time is saved, so that the clock cannot silently fall back by more than this.</summary>
    public TimeSpan SaveClockEvery { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Where pictures and sound come from.</summary>
public enum HardwareMode
{
    /// <summary>The devices of the board.</summary>
    Real,

    /// <summary>Stand-ins, so that the daemon runs on any machine and without root.</summary>
    Simulated,
}
