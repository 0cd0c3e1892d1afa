using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;

namespace RoomAgent.Agent.Meetings;

/// <summary>What meetings log: events 440 to 459. No names and titles.</summary>
internal static partial class Log
{
    [LoggerMessage(440, LogLevel.Information, "A meeting is being joined")]
    public static partial void Joining(this ILogger log);

    [LoggerMessage(441, LogLevel.Information, "Epoch {Generation}/{Epoch} with {Members} members")]
    public static partial void Epoch(this ILogger log, uint generation, ulong epoch, int members);

    [LoggerMessage(442, LogLevel.Information, "The meeting was left: {Reason} {Rule}")]
    public static partial void Left(this ILogger log, LeaveReason reason, string rule);

    [LoggerMessage(443, LogLevel.Warning, "The meeting was not entered: {Outcome}")]
    public static partial void NotEntered(this ILogger log, EnterOutcome outcome);

    [LoggerMessage(444, LogLevel.Warning, "Another member came to this epoch by another way: the hub shows different things to different members")]
    public static partial void Forked(this ILogger log);

    [LoggerMessage(445, LogLevel.Warning, "Something in the meeting was refused: {Rule}")]
    public static partial void Refused(this ILogger log, string rule);

    [LoggerMessage(446, LogLevel.Debug, "{What} is nothing that happens in a meeting that is {Stage}: it is taken as if the room had just begun to join")]
    public static partial void Unexpected(this ILogger log, MeetingEvent what, MeetingStage stage);
}
