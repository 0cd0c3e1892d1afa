using Microsoft.Extensions.Logging;

namespace RoomAgent.Join;

/// <summary>What the program itself logs, beside its parts.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 950, Message = "{Line}")]
    public static partial void MediaLine(this ILogger log, LogLevel level, string line);
}
