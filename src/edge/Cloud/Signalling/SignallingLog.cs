using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud;

/// <summary>What is logged of the signalling.</summary>
internal static partial class SignallingLog
{
    [LoggerMessage(EventId = 560, Level = LogLevel.Information, Message = "Signalling is connected.")]
    public static partial void Connected(ILogger log);

    [LoggerMessage(EventId = 561, Level = LogLevel.Information, Message = "Signalling is not connected: {Problem}. Next try in {Wait} ms.")]
    public static partial void Lost(ILogger log, string problem, long wait);

    [LoggerMessage(EventId = 562, Level = LogLevel.Information, Message = "The meeting could not be entered: {Outcome}.")]
    public static partial void NotEntered(ILogger log, EnterOutcome outcome);

    [LoggerMessage(EventId = 563, Level = LogLevel.Warning, Message = "The hub ended our access: {Reason}.")]
    public static partial void AccessEnded(ILogger log, string reason);

    [LoggerMessage(EventId = 564, Level = LogLevel.Information, Message = "The hub asked to connect again.")]
    public static partial void SentElsewhere(ILogger log);

    [LoggerMessage(EventId = 565, Level = LogLevel.Warning, Message = "A body could not be fetched or sent: {Problem}.")]
    public static partial void NoBody(ILogger log, string problem);
}
