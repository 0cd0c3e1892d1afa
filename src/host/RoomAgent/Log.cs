using Microsoft.Extensions.Logging;

namespace RoomAgent.Host;

/// <summary>What the daemon logs about itself: events 700 to 799.</summary>
internal static partial class Log
{
    [LoggerMessage(700, LogLevel.Information, "roomagent {Version}, state in {StateDirectory}")]
    public static partial void Starting(this ILogger log, Version version, string stateDirectory);

    [LoggerMessage(701, LogLevel.Critical, "The state directory cannot be used: {Reason}")]
    public static partial void StateRefused(this ILogger log, string reason);

    [LoggerMessage(702, LogLevel.Information, "Stopped, exit code {ExitCode}")]
    public static partial void Stopped(this ILogger log, int exitCode);

    [LoggerMessage(703, LogLevel.Critical, "The daemon broke")]
    public static partial void Broke(this ILogger log, Exception mistake);

    [LoggerMessage(704, LogLevel.Information, "Cryptography by {Library}")]
    public static partial void CryptographyBy(this ILogger log, string library);

    [LoggerMessage(705, LogLevel.Critical, "{Remedy}")]
    public static partial void CryptographyMissing(this ILogger log, string remedy);

    [LoggerMessage(706, LogLevel.Information, "Pictures and sound by {Libraries}")]
    public static partial void MediaBy(this ILogger log, string libraries);

    [LoggerMessage(707, LogLevel.Critical, "The authorities of identity.authorities cannot be used: {Problem}")]
    public static partial void AuthoritiesRefused(this ILogger log, string problem);

    [LoggerMessage(EventId = 708, Message = "{Line}")]
    public static partial void MediaLine(this ILogger log, LogLevel level, string line);
}
