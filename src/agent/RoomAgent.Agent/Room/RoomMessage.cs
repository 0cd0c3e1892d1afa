using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Room;

/// <summary>What one may say to the room.</summary>
internal abstract record RoomMessage
{
    /// <summary>The configuration was read anew and is good.</summary>
    /// <param name="Offered">All of it.</param>
    /// <param name="Answer">Gets what became of it.</param>
    public sealed record NewSettings(RoomSettings Offered, TaskCompletionSource<SettingsChange> Answer) : RoomMessage;
}
