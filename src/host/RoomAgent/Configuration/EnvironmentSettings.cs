using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Configuration;

/// <summary>Reads the variables <c>ROOMAGENT_SECTION_KEY</c>. One that means no setting is a mistake, as it is in the file.</summary>
internal static class EnvironmentSettings
{
    private const string Prefix = "ROOMAGENT_";

    /// <summary>Where tests look for published vectors. Not ours to read, and not a mistake.</summary>
    private const string Vectors = "ROOMAGENT_VECTORS";

    public static void Read(IReadOnlyDictionary<string, string> environment, List<Assignment> assignments, List<SettingProblem> problems)
    {
        foreach ((string name, string text) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name == Vectors)
                continue;

            if (SettingTable.All.FirstOrDefault(setting => setting.EnvironmentVariable == name) is { } setting)
                assignments.Add(new Assignment($"environment {name}", setting.Section, setting.Key, text));
            else
                problems.Add(new SettingProblem($"environment {name}", $"means no setting; there are {string.Join(", ", SettingTable.All.Select(setting => setting.EnvironmentVariable))}"));
        }
    }
}
