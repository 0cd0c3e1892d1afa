namespace RoomAgent.Hub.Operations;

/// <summary>What is logged of how the process is: events 4500 to 4549.</summary>
internal static partial class OperationsLog
{
    [LoggerMessage(EventId = 4500, Level = LogLevel.Information, Message = "The hub is about to end: it takes no new calls, and clients are told to go.")]
    public static partial void Draining(ILogger log);

    [LoggerMessage(EventId = 4501, Level = LogLevel.Warning, Message = "Not all clients have gone in time; their connections are cut off.")]
    public static partial void NotAllGone(ILogger log);

    [LoggerMessage(EventId = 4502, Level = LogLevel.Error, Message = "A part could not tell its clients to go.")]
    public static partial void DrainFailed(ILogger log, Exception problem);

    [LoggerMessage(EventId = 4503, Level = LogLevel.Warning, Message = "The hub is not ready: {Reasons}")]
    public static partial void NotReady(ILogger log, string reasons);

    [LoggerMessage(EventId = 4504, Level = LogLevel.Information, Message = "The hub is ready.")]
    public static partial void Ready(ILogger log);

    [LoggerMessage(EventId = 4505, Level = LogLevel.Warning, Message = "systemd cannot be told how the hub is: {Problem}")]
    public static partial void SystemdUnreachable(ILogger log, string problem);

    [LoggerMessage(EventId = 4506, Level = LogLevel.Error, Message = "A measurement failed, and is missing among the metrics.")]
    public static partial void NotMeasured(ILogger log, Exception problem);
}
