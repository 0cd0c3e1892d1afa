using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Configuration;

/// <summary>What is logged about the configuration: events 500 to 599.</summary>
internal static partial class Log
{
    /// <summary>All that is wrong, and that it keeps the daemon from starting.</summary>
    public static void StartRefused(this ILogger log, IReadOnlyList<SettingProblem> problems)
    {
        log.Problems(problems);
        log.StartRefused();
    }

    /// <summary>All that is wrong, each as a message of its own.</summary>
    public static void Problems(this ILogger log, IReadOnlyList<SettingProblem> problems)
    {
        foreach (SettingProblem problem in problems)
            log.Problem(problem.Origin, problem.Text);
    }

    [LoggerMessage(500, LogLevel.Error, "{Origin}: {Problem}")]
    private static partial void Problem(this ILogger log, string origin, string problem);

    [LoggerMessage(501, LogLevel.Critical, "The configuration is bad; roomagent --check-config says when it is good")]
    private static partial void StartRefused(this ILogger log);

    [LoggerMessage(502, LogLevel.Error, "The new configuration is refused, the old one holds")]
    public static partial void ReloadRefused(this ILogger log);

    [LoggerMessage(503, LogLevel.Information, "The configuration was reloaded; {Count} settings changed")]
    public static partial void Reloaded(this ILogger log, int count);

    [LoggerMessage(504, LogLevel.Warning, "{Origin}: {Problem}")]
    public static partial void SetupProblem(this ILogger log, string origin, string problem);

    [LoggerMessage(505, LogLevel.Warning, "The setup code in {File} is not one: copy the line that roomhub setup-code prints, all of it")]
    public static partial void SetupUnreadable(this ILogger log, string file);

    [LoggerMessage(506, LogLevel.Information, "The setup code in {File} is used")]
    public static partial void SetupTaken(this ILogger log, string file);

    [LoggerMessage(507, LogLevel.Warning, "The setup code in {File} is not used: the device belongs to an organisation already. Unpair it first, then write a code there again")]
    public static partial void SetupNotNeeded(this ILogger log, string file);

    [LoggerMessage(508, LogLevel.Error, "The setup code in {File} could not be kept, and is tried again at the next start: {Problem}")]
    public static partial void SetupNotKept(this ILogger log, string file, string problem);

    [LoggerMessage(509, LogLevel.Information, "The setup code in {File} is written over")]
    public static partial void SetupRemoved(this ILogger log, string file);

    [LoggerMessage(510, LogLevel.Warning, "The setup code in {File} is not used any more but could not be removed by this user; roomagent --cover-setup-code as root does it, or delete the file: {Problem}")]
    public static partial void SetupNotRemoved(this ILogger log, string file, string problem);
}
