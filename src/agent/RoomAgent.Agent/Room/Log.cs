using Microsoft.Extensions.Logging;

namespace RoomAgent.Agent.Room;

/// <summary>What the room logs: events 100 to 199.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "The room is open, with {Hardware} hardware")]
    public static partial void RoomOpen(this ILogger log, string hardware);

    [LoggerMessage(101, LogLevel.Information, "The room is closed")]
    public static partial void RoomClosed(this ILogger log);

    [LoggerMessage(104, LogLevel.Information, "The device is {Phase}")]
    public static partial void PhaseChanged(this ILogger log, DevicePhase phase);

    [LoggerMessage(105, LogLevel.Information, "The device has a certificate until {Until}")]
    public static partial void Certified(this ILogger log, DateTimeOffset until);

    [LoggerMessage(106, LogLevel.Information, "The calendar has {Count} entries")]
    public static partial void CalendarRead(this ILogger log, int count);

    [LoggerMessage(107, LogLevel.Warning, "What the room has to keep could not be written: {Problem}")]
    public static partial void NotKept(this ILogger log, string problem);

    [LoggerMessage(108, LogLevel.Warning, "The hub's calendar cannot be understood")]
    public static partial void CalendarUnreadable(this ILogger log);

    [LoggerMessage(112, LogLevel.Warning, "The hub that the configuration names is not used: {Problem}")]
    public static partial void HubNotUsed(this ILogger log, string problem);

    [LoggerMessage(111, LogLevel.Warning, "A meeting is not joined: it is of authorities under which this room has no certificate")]
    public static partial void NotOurMeeting(this ILogger log);

    [LoggerMessage(109, LogLevel.Error, "The room made a mistake, which cost it what it was doing")]
    public static partial void RoomMistaken(this ILogger log, Exception mistake);

    [LoggerMessage(110, LogLevel.Debug, "{What} is nothing that happens to a device that is {Phase}: it is taken as if it had just started")]
    public static partial void Unexpected(this ILogger log, DeviceEvent what, DevicePhase phase);
}
