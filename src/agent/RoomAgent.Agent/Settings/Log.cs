using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Settings;

/// <summary>What settings log: events 102 and 103.</summary>
internal static partial class Log
{
    [LoggerMessage(102, LogLevel.Information, "{Setting} is now {Value}")]
    public static partial void SettingApplied(this ILogger log, string setting, string value);

    [LoggerMessage(103, LogLevel.Warning, "{Setting} was changed; it takes effect at restart")]
    public static partial void SettingWaits(this ILogger log, string setting);
}
