using System.Text;
using Microsoft.Extensions.Logging;

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

    /// <summary>All of them, in the order of the example file.</summary>
    public static IReadOnlyList<Setting> All { get; } = [LogLevel, Hardware, StateDirectory, SaveClockEvery];

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
}
