using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Devices;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Ports;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Room;

/// <summary>Whom the room knows.</summary>
public sealed record RoomParts
{
    /// <summary>The device's membership.</summary>
    public required IHubAccount Account { get; init; }

    /// <summary>What the hub does for members.</summary>
    public required IHubServices Hub { get; init; }

    /// <summary>Cryptography, and who is who.</summary>
    public required IMeetingTrust Trust { get; init; }

    /// <summary>What outlives a restart.</summary>
    public required IVault Vault { get; init; }

    /// <summary>Ways for media.</summary>
    public required IMediaPaths Paths { get; init; }

    /// <summary>Camera, microphones, speaker and codecs.</summary>
    public required MediaDevices Devices { get; init; }

    /// <summary>The screen; <see langword="null"/> for a room without.</summary>
    public ScreenLoop? Screen { get; init; }

    /// <summary>Shows contents with what is wrong with devices; <see langword="null"/> for a room without a screen.</summary>
    public DeviceNotices? Notices { get; init; }

    /// <summary>Whether the machine's clock was set by NTP and is not below its floor.</summary>
    public required Func<bool> IsClockSet { get; init; }

    /// <summary>No time earlier than this is believed, not even the hub's.</summary>
    public required Func<DateTimeOffset> ClockFloor { get; init; }

    /// <summary>When meetings are joined and left.</summary>
    public AgendaSettings Agenda { get; init; } = new();

    /// <summary>How the screen speaks and looks.</summary>
    public ScreenLook Look { get; init; } = new();

    /// <summary>Whether the room's policy is to be heard and seen as soon as it is in a meeting.</summary>
    public bool JoinsUnmuted { get; init; }

    /// <summary>A hub that the configuration names, by address or setup code, for a device that knows none yet; empty for none.</summary>
    public string ConfiguredHub { get; init; } = "";

    /// <summary>The machine's clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The journal.</summary>
    public required ILoggerFactory Logs { get; init; }
}
