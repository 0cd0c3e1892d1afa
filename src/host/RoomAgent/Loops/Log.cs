using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Loops;

/// <summary>What is logged about the loops: events 300 to 399.</summary>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Critical, "The loop {Loop} ended though nobody asked it to; the daemon ends with it")]
    public static partial void LoopEnded(this ILogger log, string loop);

    [LoggerMessage(301, LogLevel.Critical, "The loop {Loop} failed; the daemon ends with it")]
    public static partial void LoopFailed(this ILogger log, Exception problem, string loop);

    [LoggerMessage(302, LogLevel.Error, "Not every loop stopped in time")]
    public static partial void LoopsDidNotStop(this ILogger log);

    [LoggerMessage(303, LogLevel.Error, "The local interface cannot be opened, and is tried again: {Reason}")]
    public static partial void DoorShut(this ILogger log, string reason);
}
