using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RoomAgent.Hub.Operations;

/// <summary>Tells systemd that the hub is ready, lives, and is about to end: sd_notify(3). Started by hand there is nobody to tell.</summary>
internal sealed class SystemdNotifier(IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SystemdNotifier> log) : BackgroundService
{
    private readonly string? _path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");

    /// <summary>How often systemd's watchdog is to be fed: a third of what it waits; <see langword="null"/> when it waits for nobody, or for another process: sd_watchdog_enabled(3).</summary>
    public static TimeSpan? FeedingFrom(string? microseconds, string? process)
    {
        bool isForUs = process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        bool isSet = long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long wait) && wait > 0;
        return isForUs && isSet ? TimeSpan.FromMicroseconds(wait / 3.0) : null;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(_path))
            return;

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration whenStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        using CancellationTokenRegistration whenStopping = lifetime.ApplicationStopping.Register(() => Send("STOPPING=1"));
        await started.Task.WaitAsync(stoppingToken);
        Send("READY=1");

        // It runs on the pool that answers calls: where that is stuck, nobody feeds. A database that is away is no reason to begin anew.
        TimeSpan feeding = FeedingFrom(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID")) ?? Timeout.InfiniteTimeSpan;
        while (true)
        {
            await Task.Delay(feeding, clock, stoppingToken);
            Send("WATCHDOG=1");
        }
    }

    private void Send(string message)
    {
        try
        {
            // @ stands for the zero byte at the start of a name outside the file system.
            var systemd = new UnixDomainSocketEndPoint(_path![0] == '@' ? '\0' + _path[1..] : _path);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 250 };
            socket.SendTo(Encoding.ASCII.GetBytes(message), systemd);
        }
        catch (Exception problem) when (problem is SocketException or ArgumentException)
        {
            OperationsLog.SystemdUnreachable(log, problem.Message);
        }
    }
}
