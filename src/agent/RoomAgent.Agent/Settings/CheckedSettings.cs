namespace RoomAgent.Agent.Settings;

/// <summary>What came of reading the whole configuration: the settings in force, where each came from, and all that is wrong.</summary>
/// <param name="Settings">The settings. Only good when there are no problems.</param>
/// <param name="Origins">Where each setting was written that does not have its default.</param>
/// <param name="Problems">What is wrong: first what could not be read, then what means nothing, each in the order in which it was read.</param>
public sealed record CheckedSettings(
    RoomSettings Settings,
    IReadOnlyDictionary<Setting, string> Origins,
    IReadOnlyList<SettingProblem> Problems)
{
    /// <summary>The problems that are named one by one. Where there are more, somebody gave us something else than a configuration.</summary>
    private const int MaximumProblems = 20;

    /// <summary>Whether nothing is wrong.</summary>
    public bool AreGood => Problems.Count == 0;

    /// <summary>Applies the assignments to the defaults, in their order: later wins. A bad one counts even where a later one overrides it.</summary>
    public static CheckedSettings From(IEnumerable<Assignment> assignments, IEnumerable<SettingProblem> problems)
    {
        var settings = new RoomSettings();
        var origins = new Dictionary<Setting, string>();
        var found = new List<SettingProblem>(problems);

        foreach (Assignment assignment in assignments)
        {
            if (SettingTable.Find(assignment.Section, assignment.Key) is not { } setting)
            {
                found.Add(new SettingProblem(assignment.Origin, Unknown(assignment)));
            }
            else if (setting.Read(assignment.Text, settings) is not { } next)
            {
                found.Add(new SettingProblem(assignment.Origin, $"[{setting.Section}] {setting.Key}: allowed is {setting.Allowed}"));
            }
            else
            {
                settings = next;
                origins[setting] = assignment.Origin;
            }
        }

        if (found.Count > MaximumProblems)
            found = [.. found.Take(MaximumProblems), new SettingProblem("configuration", $"and {found.Count - MaximumProblems} more problems like these")];
        return new CheckedSettings(settings, origins, found);
    }

    private static string Unknown(Assignment assignment)
    {
        Setting[] neighbours = [.. SettingTable.All.Where(setting =>
            setting.Section.Equals(assignment.Section, StringComparison.OrdinalIgnoreCase))];

        if (neighbours.Length == 0)
            return $"[{assignment.Section}] {assignment.Key}: unknown section; there are {string.Join(", ", SettingTable.Sections.Select(name => $"[{name}]"))}";
        return $"[{assignment.Section}] {assignment.Key}: unknown key; [{neighbours[0].Section}] has {string.Join(", ", neighbours.Select(setting => setting.Key))}";
    }
}
