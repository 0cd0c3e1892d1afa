using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Settings;

/// <summary>
/// Every setting there is. What is refused, what a reload may change, the example file and what the documentation says:
/// all of it is read from here, so a new setting is one new row and one new property of <see cref="RoomSettings"/>.
/// </summary>
public static class SettingTable
{
    /// <summary>The least important message that is still logged.</summary>
    public static Setting LogLevel { get; } = new Setting<LogLevel>(
        "log", "level",
        new OneOf<LogLevel>(
            ("trace", Microsoft.Extensions.Logging.LogLevel.Trace),
            ("debug", Microsoft.Extensions.Logging.LogLevel.Debug),
            ("info", Microsoft.Extensions.Logging.LogLevel.Information),
            ("warning", Microsoft.Extensions.Logging.LogLevel.Warning),
            ("error", Microsoft.Extensions.Logging.LogLevel.Error)),
        settings => settings.LogLevel,
        (settings, value) => settings with { LogLevel = value },
        reloads: true,
        "The least important message that is still logged.");

    /// <summary>Whether the board's devices are used or stand-ins.</summary>
    public static Setting Hardware { get; } = new Setting<HardwareMode>(
        "hardware", "mode",
        new OneOf<HardwareMode>(("real", HardwareMode.Real), ("simulated", HardwareMode.Simulated)),
        settings => settings.Hardware,
        (settings, value) => settings with { Hardware = value },
        reloads: false,
        "The devices of this board, or stand-ins that run anywhere and without root.");

    /// <summary>The directory that outlives a restart.</summary>
    public static Setting StateDirectory { get; } = new Setting<string>(
        "paths", "state",
        new DirectoryName(),
        settings => settings.StateDirectory,
        (settings, value) => settings with { StateDirectory = value },
        reloads: false,
        "What outlives a restart. With simulated hardware the default is in the home of the user who runs it.");

    /// <summary>How often the time is saved.</summary>
    public static Setting SaveClockEvery { get; } = new Setting<TimeSpan>(
        "clock", "save-every",
        new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        settings => settings.SaveClockEvery,
        (settings, value) => settings with { SaveClockEvery = value },
        reloads: true,
        "How often the time is saved. After a power cut, a clock that stands earlier than that is not trusted.");

    /// <summary>The hub's address.</summary>
    public static Setting HubAddress { get; } = new Setting<string>(
        "hub", "address",
        new FormedText("https:// with the hub's name and no path, or nothing", text => Enrolment.HubAddress.Read(text) is not null),
        settings => settings.HubAddress,
        (settings, value) => settings with { HubAddress = value },
        reloads: false,
        "The hub of a device that knows none yet. It then shows a code to enter there.");

    /// <summary>A setup code.</summary>
    public static Setting SetupCode { get; } = new Setting<string>(
        "hub", "setup-code",
        new FormedText("the line that roomhub setup-code prints, or nothing", text => !text.Contains(' ', StringComparison.Ordinal), isSecret: true),
        settings => settings.SetupCode,
        (settings, value) => settings with { SetupCode = value },
        reloads: false,
        "Makes a device that belongs to nobody a member of an organisation. Good for one device; better given to roomctl pair, which keeps it nowhere.");

    /// <summary>A file with a setup code.</summary>
    public static Setting SetupFile { get; } = new Setting<string>(
        "hub", "setup-file",
        new FormedText("a file's full name, from the / on, or nothing", text => text.StartsWith('/')),
        settings => settings.SetupFile,
        (settings, value) => settings with { SetupFile = value },
        reloads: false,
        "A file for new devices, on the partition that any computer can write: [setup] with code = and what roomhub setup-code prints. Used once, then written over.");

    /// <summary>A file with authorities.</summary>
    public static Setting Authorities { get; } = new Setting<string>(
        "identity", "authorities",
        new FormedText("a file's full name, from the / on, or nothing", text => text.StartsWith('/')),
        settings => settings.Authorities,
        (settings, value) => settings with { Authorities = value },
        reloads: false,
        "Certificate authorities in PEM that this room relies on itself. Who has a certificate of one is shown as verified; for all others there is only the hub's word.");

    /// <summary>Where the local page listens.</summary>
    public static Setting LocalListen { get; } = new Setting<string>(
        "local", "listen",
        new FormedText("an address of this machine alone and a port, such as 127.0.0.1:8080, or nothing", IsLoopback),
        settings => settings.LocalListen,
        (settings, value) => settings with { LocalListen = value },
        reloads: false,
        "Where the page with the room's screen is served, to this machine alone. Nothing: nowhere.");

    /// <summary>Whether the room joins unmuted.</summary>
    public static Setting JoinsUnmuted { get; } = new Setting<bool>(
        "room", "joins-unmuted",
        new OneOf<bool>(("yes", true), ("no", false)),
        settings => settings.JoinsUnmuted,
        (settings, value) => settings with { JoinsUnmuted = value },
        reloads: false,
        "Whether camera and microphones come on by themselves in a meeting. No: somebody in the room turns them on.");

    /// <summary>The countdown.</summary>
    public static Setting Countdown { get; } = new Setting<TimeSpan>(
        "room", "countdown",
        new Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
        settings => settings.Countdown,
        (settings, value) => settings with { Countdown = value },
        reloads: false,
        "How long people in the room can stop a meeting from being joined.");

    /// <summary>The camera.</summary>
    public static Setting Camera { get; } = new Setting<string>(
        "camera", "source",
        new FormedText("v4l2:, lavfi: or file: and a device, filter graph or path, or nothing", text => HasScheme(text, "v4l2:", "lavfi:", "file:")),
        settings => settings.Camera,
        (settings, value) => settings with { Camera = value },
        reloads: false,
        "The camera. Nothing: the first of the system, or a test picture with simulated hardware.");

    /// <summary>The camera's pictures.</summary>
    public static Setting PictureFormat { get; } = new Setting<VideoFormat>(
        "camera", "size",
        new PictureSize(),
        settings => settings.PictureFormat,
        (settings, value) => settings with { PictureFormat = value },
        reloads: false,
        "Size and pace of pictures at most.");

    /// <summary>The microphones.</summary>
    public static Setting Microphones { get; } = new Setting<string>(
        "microphones", "source",
        new FormedText("alsa:, lavfi: or file: and a device, filter graph or path, or nothing", text => HasScheme(text, "alsa:", "lavfi:", "file:")),
        settings => settings.Microphones,
        (settings, value) => settings with { Microphones = value },
        reloads: false,
        "The microphones. Nothing: those of the system, or a tone with simulated hardware.");

    /// <summary>The loudspeaker.</summary>
    public static Setting Speaker { get; } = new Setting<string>(
        "speaker", "source",
        new FormedText("alsa: and a device, or nothing", text => HasScheme(text, "alsa:")),
        settings => settings.Speaker,
        (settings, value) => settings with { Speaker = value },
        reloads: false,
        "The loudspeaker. Nothing: that of the system, or one that nobody hears with simulated hardware.");

    /// <summary>The size of the screen.</summary>
    public static Setting DisplaySize { get; } = new Setting<VideoFormat>(
        "display", "size",
        new PictureSize(),
        settings => settings.DisplaySize,
        (settings, value) => settings with { DisplaySize = value },
        reloads: false,
        "The size of the screen where it is only looked at through the local page.");

    /// <summary>The language of the screen.</summary>
    public static Setting Language { get; } = new Setting<string>(
        "display", "language",
        new OneOf<string>(("en", "en"), ("de", "de"), ("fr", "fr"), ("es", "es"), ("pl", "pl")),
        settings => settings.Language,
        (settings, value) => settings with { Language = value },
        reloads: false,
        "The language of the screen.");

    /// <summary>The colours of the screen.</summary>
    public static Setting Theme { get; } = new Setting<ScreenTheme>(
        "display", "theme",
        new OneOf<ScreenTheme>(("standard", ScreenTheme.Standard), ("high-contrast", ScreenTheme.HighContrast)),
        settings => settings.Theme,
        (settings, value) => settings with { Theme = value },
        reloads: false,
        "The colours of the screen.");

    /// <summary>All of them, in the order of the example file.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        LogLevel, Hardware, StateDirectory, SaveClockEvery, HubAddress, SetupCode, SetupFile, Authorities, LocalListen, JoinsUnmuted, Countdown, Camera, PictureFormat, Microphones, Speaker, DisplaySize, Language, Theme,
    ];

    /// <summary>The sections there are.</summary>
    public static IReadOnlyList<string> Sections { get; } = [.. All.Select(setting => setting.Section).Distinct()];

    /// <summary>The setting of that name, in small or capital letters; null when there is none.</summary>
    public static Setting? Find(string section, string key) => All.FirstOrDefault(setting =>
        setting.Section.Equals(section, StringComparison.OrdinalIgnoreCase) &&
        setting.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>A configuration file that explains every setting and changes none.</summary>
    public static string ExampleFile()
    {
        var file = new StringBuilder();
        file.Append(
            """
            # RoomAgent, the daemon of a meeting room.
            #
            # Every setting stands here with its default. To change one, remove the # in front of it.
            # Later wins: this file; roomagent.conf.d/*.conf beside it, by name; the environment,
            # for example ROOMAGENT_LOG_LEVEL=debug; the command line, for example --set log.level=debug.
            #
            # roomagent --check-config      says what is wrong, or what holds and where it comes from
            # systemctl reload roomagent    applies what need not wait for a restart

            """);

        var defaults = new RoomSettings();
        foreach (string section in Sections)
        {
            file.Append($"\n[{section}]\n");
            foreach (Setting setting in All.Where(setting => setting.Section == section))
            {
                file.Append($"# {setting.Description}\n");
                file.Append($"# Allowed is {setting.Allowed}. {(setting.Reloads ? "A reload applies it." : "It takes effect at restart.")}\n");
                file.Append($"#{setting.Key} = {setting.Show(defaults)}\n");
            }
        }

        return file.ToString();
    }

    private static bool HasScheme(string text, params ReadOnlySpan<string> schemes)
    {
        foreach (string scheme in schemes)
        {
            if (text.StartsWith(scheme, StringComparison.Ordinal) && text.Length > scheme.Length)
                return true;
        }

        return false;
    }

    private static bool IsLoopback(string text) => IPEndPoint.TryParse(text, out IPEndPoint? end) && IPAddress.IsLoopback(end.Address) && end.Port > 0;
}
