using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

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

    /// <summary>The hub of a device that knows none yet: an address; empty for none.</summary>
    public string HubAddress { get; init; } = "";

    /// <summary>A setup code for a device that belongs to nobody yet; empty for none. A secret.</summary>
    public string SetupCode { get; init; } = "";

    /// <summary>A file with a setup code that is used once and then removed; empty for none.</summary>
    public string SetupFile { get; init; } = "/boot/firmware/roomagent/setup.ini";

    /// <summary>A file with the certificate authorities that this room relies on itself; empty for none.</summary>
    public string Authorities { get; init; } = "";

    /// <summary>Where the local page listens, an address of loopback and a port; empty for nowhere.</summary>
    public string LocalListen { get; init; } = "";

    /// <summary>Whether the room is heard and seen as soon as it is in a meeting.</summary>
    public bool JoinsUnmuted { get; init; }

    /// <summary>How long people in the room can stop a meeting from being joined.</summary>
    public TimeSpan Countdown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The camera, as <c>v4l2:</c>, <c>lavfi:</c> or <c>file:</c> and what follows; empty for the first one there is, or a test picture in a simulated room.</summary>
    public string Camera { get; init; } = "";

    /// <summary>The size and pace of the camera's pictures at most.</summary>
    public VideoFormat PictureFormat { get; init; } = VideoFormat.Default;

    /// <summary>The microphones, as <c>alsa:</c>, <c>lavfi:</c> or <c>file:</c> and what follows; empty for the system's, or a tone in a simulated room.</summary>
    public string Microphones { get; init; } = "";

    /// <summary>The loudspeaker, as <c>alsa:</c> and a name; empty for the system's.</summary>
    public string Speaker { get; init; } = "";

    /// <summary>The size of the screen's picture in a room whose display is of memory, and how often it is drawn at most.</summary>
    public VideoFormat DisplaySize { get; init; } = new(1920, 1080, 60);

    /// <summary>The language of the screen (ISO 639-1).</summary>
    public string Language { get; init; } = "en";

    /// <summary>The colours of the screen.</summary>
    public ScreenTheme Theme { get; init; }
}

/// <summary>Where pictures and sound come from.</summary>
public enum HardwareMode
{
    /// <summary>The devices of the board.</summary>
    Real,

    /// <summary>Stand-ins, so that the daemon runs on any machine and without root.</summary>
    Simulated,
}
