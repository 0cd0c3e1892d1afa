using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;

namespace RoomAgent.Host.Systemd;

/// <summary>
/// Reports that the daemon is ready once every loop has answered, and from then on feeds systemd's watchdog, but only
/// when every loop has answered since it was fed last. A loop that is stuck therefore gets the daemon restarted.
/// </summary>
internal sealed class Watchdog(
    WatchdogPeriod period,
    RollCall rollCall,
    NotifySocket systemd,
    IStatusBoard status,
    TimeProvider clock,
    ILogger<Watchdog> log) : BackgroundService
{
    private string _silent = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await AllAnswerAsync(stoppingToken))
        {
            // Not ready yet. systemd's start timeout decides how long that may last.
        }

        log.Ready();
        systemd.Ready();

        while (true)
        {
            await Task.Delay(period.Feeding, clock, stoppingToken);
            if (await AllAnswerAsync(stoppingToken) && period.IsGuarded)
                systemd.Watchdog();
        }
    }

    private async Task<bool> AllAnswerAsync(CancellationToken stopping)
    {
        string before = _silent;
        _silent = string.Join(", ", await rollCall.CallAsync(period.Feeding, stopping));
        if (_silent == before)
            return _silent.Length == 0;

        if (_silent.Length > 0)
            log.LoopsSilent(_silent);
        else
            log.LoopsAnswerAgain();
        status.Post(StatusTopic.Loops, _silent.Length > 0 ? $"no answer from: {_silent}" : null);
        return _silent.Length == 0;
    }
}

/// <summary>How often the loops are asked.</summary>
/// <param name="Feeding">The time from one question to the next.</param>
/// <param name="IsGuarded">Whether systemd waits to be told.</param>
internal readonly record struct WatchdogPeriod(TimeSpan Feeding, bool IsGuarded)
{
    /// <summary>The longest: without a watchdog, or with a patient one, a stuck loop is still worth a message soon.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    /// <summary>What WATCHDOG_USEC says, if WATCHDOG_PID does not say that somebody else is meant: sd_watchdog_enabled(3).</summary>
    public static WatchdogPeriod From(IReadOnlyDictionary<string, string> environment, int processId)
    {
        string ourselves = processId.ToString(CultureInfo.InvariantCulture);
        bool isForUs = environment.GetValueOrDefault("WATCHDOG_PID", ourselves) == ourselves;
        bool isSet = long.TryParse(environment.GetValueOrDefault("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds);
        if (!isForUs || !isSet || microseconds <= 0)
            return new WatchdogPeriod(s_longest, IsGuarded: false);

        // A third of the time: systemd advises half, and we spend some of it on waiting for answers.
        double third = Math.Min(microseconds / 3.0, s_longest.TotalMicroseconds);
        return new WatchdogPeriod(TimeSpan.FromMicroseconds(third), IsGuarded: true);
    }
}
