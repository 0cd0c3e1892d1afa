using Microsoft.Extensions.Logging;

namespace RoomAgent.LocalApi;

/// <summary>What the local interface logs: events 800 to 899. Never an argument, which may be secret or a name.</summary>
internal static partial class Log
{
    [LoggerMessage(800, LogLevel.Information, "People in the room reach it by {Socket}")]
    public static partial void Listening(this ILogger log, string socket);

    [LoggerMessage(801, LogLevel.Information, "Its page is at http://{Page}/")]
    public static partial void Showing(this ILogger log, string page);

    [LoggerMessage(802, LogLevel.Information, "{Command} in the room: {Outcome}")]
    public static partial void Called(this ILogger log, string command, string outcome);

    [LoggerMessage(803, LogLevel.Error, "The local interface made a mistake with {Path}")]
    public static partial void Mistaken(this ILogger log, Exception mistake, string path);
}
