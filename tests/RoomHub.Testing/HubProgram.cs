using System.Diagnostics;
using System.Text;
using RoomAgent.Testing;

namespace RoomAgent.Hub.Testing;

/// <summary>The program of the hub, in a process of its own, which can be killed as a lost machine would be.</summary>
public sealed class HubProgram : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Lock _turn = new();

    private HubProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it has said until now, on both of its outputs.</summary>
    public string Said
    {
        get
        {
            lock (_turn)
                return _said.ToString();
        }
    }

    public int Id => _process.Id;

    /// <summary>Starts it with the words of its command line.</summary>
    /// <param name="words">The words.</param>
    /// <param name="environment">What is set beside what is set here.</param>
    public static HubProgram Start(IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null) => new(Process.Start(Described(words, environment))!);

    /// <summary>Runs it to its end.</summary>
    /// <param name="words">The words.</param>
    /// <param name="input">What it may read.</param>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(IEnumerable<string> words, string input = "")
    {
        using Process process = Process.Start(Described(words, environment: null))!;
        try
        {
            using var limit = new CancellationTokenSource(s_patience);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Waits until it has said something.</summary>
    public Task UntilSaidAsync(string text) => UntilAsync(() => Said.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until something is so, as long as the program lives.</summary>
    public async Task UntilAsync(Func<bool> isSo, string what)
    {
        long since = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(since) > s_patience)
                throw new TimeoutException($"waited for: {what}; the program said: {Said}");
            await Task.Delay(20);
        }
    }

    /// <summary>Asks it to end (SIGTERM), and gives its exit code.</summary>
    public async Task<int> EndAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        using var limit = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills it in this moment.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static ProcessStartInfo Described(IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment)
    {
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "RoomHub", "release", "RoomHub.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. words]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }

    private void Keep(string? line)
    {
        lock (_turn)
            _said.Append(line).Append('\n');
    }
}
