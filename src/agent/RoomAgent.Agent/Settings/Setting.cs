namespace RoomAgent.Agent.Settings;

/// <summary>
/// One row of <see cref="SettingTable"/>: what a setting is called outside, what may be written there, and the place in
/// <see cref="RoomSettings"/> that it changes.
/// </summary>
public abstract class Setting
{
    private protected Setting(string section, string key, bool reloads, string description)
    {
        Section = section;
        Key = key;
        Reloads = reloads;
        Description = description;
    }

    /// <summary>The section of the configuration file, without brackets.</summary>
    public string Section { get; }

    /// <summary>The key within the section.</summary>
    public string Key { get; }

    /// <summary><c>section.key</c>, as the command line says it.</summary>
    public string Name => $"{Section}.{Key}";

    /// <summary>The environment variable that sets it.</summary>
    public string EnvironmentVariable => $"ROOMAGENT_{Section}_{Key}".Replace('-', '_').ToUpperInvariant();

    /// <summary>Whether a reload applies a new value; if not, it waits for a restart.</summary>
    public bool Reloads { get; }

    /// <summary>What it is for, in one line.</summary>
    public string Description { get; }

    /// <summary>Which values may be written, in words that follow "allowed is".</summary>
    public abstract string Allowed { get; }

    /// <summary>The value in <paramref name="settings"/> as one would write it in the file; a private one is redacted.</summary>
    public abstract string Show(RoomSettings settings);

    /// <summary>The settings with the value that <paramref name="text"/> means; null when it is not allowed.</summary>
    public abstract RoomSettings? Read(string text, RoomSettings settings);

    /// <summary>The settings <paramref name="to"/> with this one value taken from <paramref name="from"/>.</summary>
    public abstract RoomSettings Copy(RoomSettings from, RoomSettings to);

    /// <summary>Whether both have the same value here.</summary>
    public abstract bool IsSame(RoomSettings left, RoomSettings right);
}

/// <summary>A setting whose value is a <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The type of the value in <see cref="RoomSettings"/>.</typeparam>
public sealed class Setting<T>(
    string section,
    string key,
    SettingType<T> type,
    Func<RoomSettings, T> get,
    Func<RoomSettings, T, RoomSettings> with,
    bool reloads,
    string description) : Setting(section, key, reloads, description)
{
    /// <inheritdoc/>
    public override string Allowed => type.Allowed;

    /// <inheritdoc/>
    public override string Show(RoomSettings settings) => type.Show(get(settings));

    /// <inheritdoc/>
    public override RoomSettings? Read(string text, RoomSettings settings) =>
        type.TryRead(text, out T? value) ? with(settings, value) : null;

    /// <inheritdoc/>
    public override RoomSettings Copy(RoomSettings from, RoomSettings to) => with(to, get(from));

    /// <inheritdoc/>
    public override bool IsSame(RoomSettings left, RoomSettings right) =>
        EqualityComparer<T>.Default.Equals(get(left), get(right));
}
