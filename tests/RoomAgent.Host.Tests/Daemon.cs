using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RoomAgent.Host.Tests;

/// <summary>The real daemon in a process of its own, with a home, a notify socket and nothing else of this machine's configuration.</summary>
internal sealed partial class Daemon : IDisposable
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Terminate = 15;

    /// <summary>The command that runs a program of .NET.</summary>
    public static readonly string Dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The daemon as it was built.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "roomagent.dll");

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Daemon(Process process, NotifyListener systemd)
    {
        _process = process;
        Systemd = systemd;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What the daemon tells systemd.</summary>
    public NotifyListener Systemd { get; }

    public int Id => _process.Id;

    /// <summary>Starts it in <paramref name="home"/>.</summary>
    public static Daemon Start(TemporaryDirectory home, string[] arguments, params (string Name, string Value)[] environment) =>
        StartCommand(home, Dotnet, [Program, .. arguments], environment);

    /// <summary>Starts a command that starts it.</summary>
    public static Daemon StartCommand(TemporaryDirectory home, string command, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Path,
        };

        foreach (string name in start.Environment.Keys.Where(IsOfThisMachine).ToArray())
            start.Environment.Remove(name);
        start.Environment["HOME"] = home.Path;
        var systemd = new NotifyListener($"@roomagent-test-{Guid.NewGuid():N}");
        start.Environment["NOTIFY_SOCKET"] = systemd.Address;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        return new Daemon(Process.Start(start)!, systemd);
    }

    /// <summary>Starts it in <paramref name="home"/> and waits until it says that it is ready.</summary>
    public static async Task<Daemon> ReadyAsync(TemporaryDirectory home, string[] arguments, params (string Name, string Value)[] environment)
    {
        Daemon daemon = Start(home, arguments, environment);
        await daemon.Systemd.UntilAsync("READY=1");
        return daemon;
    }

    /// <summary>Starts it in <paramref name="home"/> and waits until it ends by itself.</summary>
    public static async Task<Ended> RunAsync(TemporaryDirectory home, string[] arguments, params (string Name, string Value)[] environment)
    {
        using Daemon daemon = Start(home, arguments, environment);
        return await daemon.EndAsync();
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>Waits until it has ended.</summary>
    public async Task<Ended> EndAsync()
    {
        using var timeout = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(timeout.Token);
        return new Ended(_process.ExitCode, await _output, await _errors);
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<Ended> StopAsync()
    {
        Signal(Terminate);
        return await EndAsync();
    }

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        Systemd.Dispose();
    }

    /// <summary>Makes a named pipe: opening it waits until somebody opens the other end.</summary>
    public static void MakePipe(string path) => Assert.Equal(0, MakeFifo(path, 0b110_000_000));

    private static bool IsOfThisMachine(string name) =>
        name.StartsWith("ROOMAGENT_", StringComparison.Ordinal) ||
        name is "XDG_STATE_HOME" or "JOURNAL_STREAM" or "WATCHDOG_USEC" or "WATCHDOG_PID";

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    /// <summary>How it ended, and all that it printed.</summary>
    internal sealed record Ended(int ExitCode, string Output, string Errors);
}
