using System.Text;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Fuzz.Targets;

internal static class SettingsTargets
{
    /// <summary>A configuration file, read and checked. What is said about it can be printed as it is.</summary>
    public static FuzzTarget File { get; } = new("settings-file", input =>
    {
        var assignments = new List<Assignment>();
        var problems = new List<SettingProblem>();
        IniText.Read("file", input, assignments, problems);

        CheckedSettings loaded = CheckedSettings.From(assignments, problems);

        if (loaded.Problems.Any(problem => problem.ToString().Any(char.IsControl)))
            throw new InvalidDataException("A problem repeats a control character.");
        foreach (Setting setting in SettingTable.All)
            _ = setting.Show(loaded.Settings);
    }, () => [Encoding.UTF8.GetBytes(SettingTable.ExampleFile().Replace("\n#", "\n")), "[log]\r\nlevel = debug\n[paths]\nstate = \" /x \"\n"u8.ToArray()]);
}
