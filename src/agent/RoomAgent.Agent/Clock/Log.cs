using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Clock;

/// <summary>What is logged about the clock: events 200 to 299.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Warning, "The clock says {Now:u}, but it is at least {Floor:u}: nothing that depends on the time is trusted until it is set. If the clock is right, delete the file clock in the state directory and restart")]
    public static partial void ClockBelowFloor(this ILogger log, DateTimeOffset now, DateTimeOffset floor);

    [LoggerMessage(201, LogLevel.Information, "The clock is set: {Now:u}")]
    public static partial void ClockTrusted(this ILogger log, DateTimeOffset now);

    [LoggerMessage(202, LogLevel.Warning, "The time could not be saved: {Reason}")]
    public static partial void ClockNotSaved(this ILogger log, string reason);
}
