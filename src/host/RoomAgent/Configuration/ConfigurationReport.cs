using RoomAgent.Agent.Settings;
using RoomAgent.Host.Logging;

namespace RoomAgent.Host.Configuration;

/// <summary>What --check-config says.</summary>
internal static class ConfigurationReport
{
    /// <summary>Prints the problems, or the values that hold and where they come from; gives the exit code.</summary>
    public static int Print(CheckedSettings loaded)
    {
        if (!loaded.AreGood)
        {
            Console.Error.WriteLine("configuration is bad");
            foreach (SettingProblem problem in loaded.Problems)
                Console.Error.WriteLine($"  {ConsoleSink.Printable(problem.ToString())}");
            return ExitStatus.Configuration;
        }

        Console.Out.WriteLine("configuration is good");
        int width = SettingTable.All.Max(setting => Line(setting, loaded).Length);
        foreach (Setting setting in SettingTable.All)
            Console.Out.WriteLine($"{Line(setting, loaded).PadRight(width)}  ({loaded.Origins.GetValueOrDefault(setting, "default")})");
        return ExitStatus.Good;
    }

    private static string Line(Setting setting, CheckedSettings loaded) => $"  {setting.Name} = {setting.Show(loaded.Settings)}";
}
