using System.Diagnostics;
using RoomAgent.Testing;

namespace RoomAgent.Hub.StoreLab;

/// <summary>This program once more, as a hub beside ours: it says lines and reads lines.</summary>
public sealed class HubProcess : IDisposable
{
    private readonly Process _process;

    private HubProcess(Process process)
    {
        _process = process;
        // What it complains about is for whoever started us; it must be taken in any case.
        _process.ErrorDataReceived += (_, line) => Console.Error.Write(line.Data is null ? "" : line.Data + "\n");
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts it with the words of its command line.</summary>
    public static HubProcess Start(params string[] arguments)
    {
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "RoomHub.StoreLab", "release", "RoomHub.StoreLab.dll");
        return new HubProcess(Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>The next line, or <see langword="null"/> at its end.</summary>
    public ValueTask<string?> ReadAsync(CancellationToken cancel) => _process.StandardOutput.ReadLineAsync(cancel);

    /// <summary>Tells it a line.</summary>
    public async Task TellAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Kills it in this moment, as a lost machine would be.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it if it has not ended.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
