using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace RoomAgent.Host.Systemd;

/// <summary>What is logged about starting, living and ending as a service: events 600 to 699.</summary>
internal static partial class Log
{
    [LoggerMessage(600, LogLevel.Information, "Ready")]
    public static partial void Ready(this ILogger log);

    [LoggerMessage(601, LogLevel.Information, "{Signal}: stopping")]
    public static partial void StopAsked(this ILogger log, PosixSignal signal);

    [LoggerMessage(602, LogLevel.Information, "SIGHUP: reloading the configuration")]
    public static partial void ReloadAsked(this ILogger log);

    [LoggerMessage(603, LogLevel.Error, "No answer from: {Loops}. The watchdog is not fed until they answer")]
    public static partial void LoopsSilent(this ILogger log, string loops);

    [LoggerMessage(604, LogLevel.Information, "All loops answer again")]
    public static partial void LoopsAnswerAgain(this ILogger log);

    [LoggerMessage(605, LogLevel.Warning, "systemd cannot be told how we are: {Reason}")]
    public static partial void SystemdUnreachable(this ILogger log, string reason);
}
