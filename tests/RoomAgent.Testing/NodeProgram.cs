using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace RoomAgent.Testing;

/// <summary>A program of Node.js that stands for another implementation: JSON lines go in, JSON lines come out.</summary>
/// <remarks>It lies in a folder of <c>tests/peers</c> that names its packages; they are installed there when they are missing, by the lock file.</remarks>
public sealed class NodeProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _complaints = new();

    private NodeProgram(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_complaints)
                _complaints.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>What must be installed before a program can be started: <see langword="null"/> when nothing is missing.</summary>
    public static string? Missing { get; } =
        (IsOnThePath("node"), IsOnThePath("npm")) switch
        {
            (true, true) => null,
            (false, _) => "this machine lacks: node (apt install nodejs npm)",
            _ => "this machine lacks: npm (apt install npm)",
        };

    /// <summary>Starts a program.</summary>
    /// <param name="peer">The folder in <c>tests/peers</c>.</param>
    /// <param name="script">The program in it.</param>
    /// <exception cref="InvalidOperationException">Its packages cannot be installed.</exception>
    public static NodeProgram Start(string peer, string script)
    {
        string folder = Path.Combine(Repository.Root, "tests", "peers", peer);
        InstallPackages(folder);
        return new NodeProgram(Start("node", folder, script));
    }

    /// <summary>Sends one line and waits for the answer.</summary>
    /// <exception cref="IOException">The program ended.</exception>
    public JsonObject Ask(JsonObject question)
    {
        _process.StandardInput.WriteLine(question.ToJsonString());
        _process.StandardInput.Flush();
        return Read() ?? throw Ended();
    }

    /// <summary>The next line that the program says: <see langword="null"/> when it has ended well.</summary>
    /// <exception cref="IOException">The program failed.</exception>
    public JsonObject? Read()
    {
        if (_process.StandardOutput.ReadLine() is { } line)
            return JsonNode.Parse(line)!.AsObject();

        _process.WaitForExit();
        return _process.ExitCode == 0 ? null : throw Ended();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
                _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    // npm leaves .package-lock.json in node_modules when it is done.
    private static void InstallPackages(string folder)
    {
        var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
            return;

        using Process npm = Start("npm", folder, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        npm.StandardInput.Close();
        Task<string> complaints = npm.StandardError.ReadToEndAsync();
        npm.StandardOutput.ReadToEnd();
        npm.WaitForExit();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci failed in {folder}: check the network, or run it there by hand.\n{complaints.Result}");
    }

    private static Process Start(string program, string folder, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["NODE_NO_WARNINGS"] = "1" },
    })!;

    private static bool IsOnThePath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private IOException Ended()
    {
        lock (_complaints)
            return new IOException($"{_process.StartInfo.ArgumentList[0]} ended: {_complaints}");
    }
}
