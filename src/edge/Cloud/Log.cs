using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud;

/// <summary>What is logged about hub and account: events 500 to 529. Ids only: no names, codes or tokens.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Information, "This is the hub: {Hub}, {Words}")]
    public static partial void HubMet(this ILogger log, string hub, string words);

    [LoggerMessage(501, LogLevel.Warning, "Who answers at {Hub} is not our hub ({Why}); nothing was sent there")]
    public static partial void HubRefused(this ILogger log, string hub, RefusedHub why);

    [LoggerMessage(502, LogLevel.Information, "The hub has moved to {Hub} (move {Number})")]
    public static partial void HubMoved(this ILogger log, string hub, ulong number);

    [LoggerMessage(503, LogLevel.Information, "The hub's clock is {Offset} from this device's")]
    public static partial void ClockCorrected(this ILogger log, TimeSpan offset);

    [LoggerMessage(504, LogLevel.Information, "The hub does not help ({Fault}, status {Status}, {Error}); next attempt in {Pause}")]
    public static partial void NotReached(this ILogger log, HubFault fault, int status, string? error, TimeSpan pause);

    [LoggerMessage(505, LogLevel.Information, "A code is shown, for somebody to enter at the hub")]
    public static partial void CodeShown(this ILogger log);

    [LoggerMessage(506, LogLevel.Information, "The device is registered as {Account} of organisation {Organisation}")]
    public static partial void Registered(this ILogger log, string account, string organisation);

    [LoggerMessage(507, LogLevel.Information, "New tokens, good until {Until:u}")]
    public static partial void Refreshed(this ILogger log, DateTimeOffset until);

    [LoggerMessage(508, LogLevel.Warning, "The device is no member any more: {Why}")]
    public static partial void Unpaired(this ILogger log, UnpairedReason why);

    [LoggerMessage(509, LogLevel.Information, "The device has a new key at the hub")]
    public static partial void KeyReplaced(this ILogger log);

    [LoggerMessage(515, LogLevel.Warning, "The hub does not want the device's new key ({Error}); the one before stays")]
    public static partial void KeyNotReplaced(this ILogger log, string error);

    [LoggerMessage(510, LogLevel.Error, "What was kept about hub and account cannot be read; the device begins anew")]
    public static partial void RecordUnreadable(this ILogger log);

    [LoggerMessage(511, LogLevel.Error, "What has to be kept could not be written; next attempt in {Pause}")]
    public static partial void NotWritten(this ILogger log, TimeSpan pause, Exception problem);

    [LoggerMessage(512, LogLevel.Warning, "The new refresh token is refused; the one before is tried")]
    public static partial void PreviousTried(this ILogger log);

    [LoggerMessage(513, LogLevel.Error, "Who listens for changes of state has failed")]
    public static partial void ListenerFailed(this ILogger log, Exception problem);

    [LoggerMessage(514, LogLevel.Warning, "A key that is not needed any more could not be removed")]
    public static partial void KeyNotRemoved(this ILogger log, Exception problem);

    [LoggerMessage(516, LogLevel.Warning, "There is no certificate: {Problem} ({Status})")]
    public static partial void NotCertified(this ILogger log, string problem, int status);
}
