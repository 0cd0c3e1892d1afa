using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Configuration;

/// <summary>
/// The places that may say something about the configuration, and who wins: the defaults, the file, the files of the
/// directory beside it by name, the environment, the command line. Later wins.
/// </summary>
internal sealed record ConfigurationSources
{
    /// <summary>The file that is read when the command line names none. This one may be missing.</summary>
    public const string DefaultFile = "/etc/roomagent/roomagent.conf";

    private const string CommandLine = "command line";

    /// <summary>The file that the command line names; null for the default.</summary>
    public string? File { get; init; }

    /// <summary>What the command line sets, as <c>section.key=value</c>.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Whether the command line asks for simulated hardware.</summary>
    public bool Simulate { get; init; }

    /// <summary>The environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Reads all of it anew. Whatever is wrong comes back as a problem, never as an exception.</summary>
    public CheckedSettings Load()
    {
        var assignments = new List<Assignment>();
        var problems = new List<SettingProblem>();

        // 1. The file, and the files beside it.
        ConfigurationFiles.Read(File ?? DefaultFile, mayBeMissing: File is null, assignments, problems);

        // 2. The environment.
        EnvironmentSettings.Read(Environment, assignments, problems);

        // 3. The command line.
        ReadCommandLine(assignments, problems);

        // 4. What holds, and what of it depends on who runs us.
        return WithHomeOfSimulation(CheckedSettings.From(assignments, problems));
    }

    private void ReadCommandLine(List<Assignment> assignments, List<SettingProblem> problems)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string set in Sets)
        {
            int dot = set.IndexOf('.');
            int equals = set.IndexOf('=');
            if (dot <= 0 || equals <= dot + 1)
                problems.Add(new SettingProblem(CommandLine, "--set: write section.key=value"));
            else if (!seen.Add(set[..equals]))
                problems.Add(new SettingProblem(CommandLine, $"[{set[..dot]}] {set[(dot + 1)..equals]}: set twice"));
            else
                assignments.Add(new Assignment(CommandLine, set[..dot], set[(dot + 1)..equals], set[(equals + 1)..]));
        }

        Setting hardware = SettingTable.Hardware;
        if (!Simulate)
            return;
        if (!seen.Add(hardware.Name))
            problems.Add(new SettingProblem(CommandLine, $"[{hardware.Section}] {hardware.Key}: set by --set and by --simulate"));
        else
            assignments.Add(new Assignment("--simulate", hardware.Section, hardware.Key, "simulated"));
    }

    /// <summary>A simulated room needs no rights: unless told otherwise, it keeps its state in the home of its user.</summary>
    private CheckedSettings WithHomeOfSimulation(CheckedSettings loaded)
    {
        if (loaded.Settings.Hardware != HardwareMode.Simulated || loaded.Origins.ContainsKey(SettingTable.StateDirectory))
            return loaded;

        // The XDG rules: a relative path there is to be ignored.
        string? states = Environment.GetValueOrDefault("XDG_STATE_HOME");
        if (states is null || !states.StartsWith('/'))
            states = Environment.GetValueOrDefault("HOME") is ['/', ..] home ? Path.Combine(home, ".local/state") : null;

        if (states is null)
        {
            Setting state = SettingTable.StateDirectory;
            var problem = new SettingProblem("environment", $"[{state.Section}] {state.Key}: neither XDG_STATE_HOME nor HOME names a home for simulated hardware; set {state.Name}");
            return loaded with { Problems = [.. loaded.Problems, problem] };
        }

        return loaded with { Settings = loaded.Settings with { StateDirectory = Path.Combine(states, "roomagent") } };
    }
}
