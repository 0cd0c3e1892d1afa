using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using RoomAgent.Host.Configuration;

namespace RoomAgent.Host.Systemd;

/// <summary>
/// What the signals mean: SIGTERM and SIGINT end the daemon, SIGHUP reloads the configuration, unless it comes from a
/// terminal that was closed: that ends it too, because nobody is left who could.
/// </summary>
internal sealed class SignalLifetime(
    IHostApplicationLifetime lifetime,
    ReloadLoop reload,
    NotifySocket systemd,
    ExitStatus exit,
    ILogger<SignalLifetime> log) : IHostLifetime, IDisposable
{
    private readonly bool _hadTerminal = HasTerminal();
    private PosixSignalRegistration[] _registrations = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, ReloadOrStop),
        ];
        lifetime.ApplicationStopping.Register(systemd.Stopping);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private void Stop(PosixSignalContext context)
    {
        // The second one finds its default again, which ends us at once: for the person who has no patience left.
        context.Cancel = !lifetime.ApplicationStopping.IsCancellationRequested;
        if (!context.Cancel)
            return;

        log.StopAsked(context.Signal);
        exit.StopWasAsked();
        lifetime.StopApplication();
    }

    private void ReloadOrStop(PosixSignalContext context)
    {
        if (_hadTerminal && !HasTerminal())
        {
            Stop(context);
            return;
        }

        context.Cancel = true;
        log.ReloadAsked();
        reload.Ask();
    }

    private static bool HasTerminal()
    {
        try
        {
            using SafeFileHandle terminal = File.OpenHandle("/dev/tty");
            return true;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
