namespace RoomAgent.Agent.Settings;

/// <summary>What one may say to the settings' loop.</summary>
internal abstract record SettingsMessage
{
    /// <summary>The configuration was read anew and is good.</summary>
    /// <param name="Offered">All of it.</param>
    /// <param name="Answer">Gets what became of it.</param>
    public sealed record NewSettings(RoomSettings Offered, TaskCompletionSource<SettingsChange> Answer) : SettingsMessage;
}
