namespace RoomAgent.Agent.Settings;

/// <summary>What a newly read configuration changes while the daemon runs.</summary>
/// <param name="InForce">The settings from now on: the new ones where a reload may change them, else the old ones.</param>
/// <param name="Applied">The settings that changed now.</param>
/// <param name="Waiting">The settings that were changed too, but take effect at restart.</param>
public sealed record SettingsChange(RoomSettings InForce, IReadOnlyList<Setting> Applied, IReadOnlyList<Setting> Waiting)
{
    /// <summary>What is applied when <paramref name="offered"/> comes while <paramref name="current"/> is in force.</summary>
    public static SettingsChange Between(RoomSettings current, RoomSettings offered)
    {
        RoomSettings inForce = current;
        var applied = new List<Setting>();
        var waiting = new List<Setting>();

        foreach (Setting setting in SettingTable.All.Where(setting => !setting.IsSame(current, offered)))
        {
            if (setting.Reloads)
            {
                inForce = setting.Copy(offered, inForce);
                applied.Add(setting);
            }
            else
            {
                waiting.Add(setting);
            }
        }

        return new SettingsChange(inForce, applied, waiting);
    }
}

/// <summary>Somebody whose work depends on settings that a reload may change.</summary>
public interface ISettingsListener
{
    /// <summary>From now on <paramref name="settings"/> are in force. Called by the room's loop, one change after the other.</summary>
    void Apply(RoomSettings settings);
}
