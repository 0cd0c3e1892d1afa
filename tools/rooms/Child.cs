using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RoomAgent.Rooms;

/// <summary>A program that was started here and ends with it. What it says goes into a file, line by line, and to whoever listens.</summary>
internal sealed partial class Child : IAsyncDisposable
{
    private const int KillOutright = 9;
    private const int Terminate = 15;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Action<string>? _listen;
    private readonly Lock _turn = new();

    private Child(string name, Process process, string log, Action<string>? listen)
    {
        Name = name;
        LogFile = log;
        _process = process;
        _log = new StreamWriter(log, append: true) { AutoFlush = true };
        _listen = listen;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Where what it says is kept.</summary>
    public string LogFile { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Its number.</summary>
    public int Number => _process.Id;

    /// <summary>The memory that it has, in bytes; 0 once it has ended.</summary>
    public long Memory
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.HasExited ? 0 : _process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    /// <summary>Starts a program of the repository.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="assembly">Its file.</param>
    /// <param name="words">Its arguments.</param>
    /// <param name="log">Where what it says is kept.</param>
    /// <param name="listen">Hears each line.</param>
    /// <param name="ready">The socket at which it says that it is ready, as it would to systemd.</param>
    public static Child Start(string name, string assembly, IEnumerable<string> words, string log, Action<string>? listen = null, string? ready = null)
    {
        if (!File.Exists(assembly))
            throw new DemoProblem($"{assembly} is not there: ./run builds it.");

        var start = new ProcessStartInfo(Environment.ProcessPath is { } own && Path.GetFileName(own) == "dotnet" ? own : "dotnet", [assembly, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What is set for a program of the same kind elsewhere is not meant for these.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("ROOMAGENT_", StringComparison.Ordinal) || key.StartsWith("ROOMHUB_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(variable);
        foreach (string variable in (string[])["JOURNAL_STREAM", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "RUNTIME_DIRECTORY", "STATE_DIRECTORY"])
            start.Environment.Remove(variable);

        // As the unit files have it.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        if (Path.GetFileName(assembly) == "roomagent.dll")
            start.Environment["MALLOC_ARENA_MAX"] = "2";
        if (ready is not null)
            start.Environment["NOTIFY_SOCKET"] = ready;
        return new Child(name, Process.Start(start)!, log, listen);
    }

    /// <summary>Ends it without a word, as a power cut would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, KillOutright);
        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Asks it to end, and sees to it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Terminate);
            using var patience = new CancellationTokenSource(s_patience);
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill();
        }

        _process.Dispose();
        lock (_turn)
            _log.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;

        lock (_turn)
        {
            if (_log.BaseStream is { CanWrite: true })
                _log.WriteLine(line);
        }

        _listen?.Invoke(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
