using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Room;

/// <summary>What the room logs: events 100 to 199.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "The room is open, with {Hardware} hardware")]
    public static partial void RoomOpen(this ILogger log, string hardware);

    [LoggerMessage(101, LogLevel.Information, "The room is closed")]
    public static partial void RoomClosed(this ILogger log);

    [LoggerMessage(102, LogLevel.Information, "{Setting} is now {Value}")]
    public static partial void SettingApplied(this ILogger log, string setting, string value);

    [LoggerMessage(103, LogLevel.Warning, "{Setting} was changed; it takes effect at restart")]
    public static partial void SettingWaits(this ILogger log, string setting);
}
