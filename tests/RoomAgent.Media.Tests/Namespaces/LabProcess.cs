using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Testing;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>A process of the media lab on a host: its events as they come, and commands for it.</summary>
internal sealed class LabProcess
{
    private readonly Process _process;
    private readonly BlockingCollection<JsonNode> _events = [];
    private readonly StringBuilder _complaints = new();

    private LabProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
                _events.Add(JsonNode.Parse(text)!);
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_complaints)
                _complaints.AppendLine(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public static LabProcess Start(Host host, params string[] arguments)
    {
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "RoomAgent.MediaLab", "release", "RoomAgent.MediaLab.dll");
        return new LabProcess(host.Start("dotnet", [program, .. arguments]));
    }

    /// <summary>The next event of that name that fits; those before it are passed over.</summary>
    public JsonNode WaitFor(string what, TimeSpan longest, Func<JsonNode, bool>? fits = null)
    {
        var waited = Stopwatch.StartNew();
        while (longest > waited.Elapsed && _events.TryTake(out JsonNode? one, longest - waited.Elapsed))
        {
            if ((string)one["event"]! == what && (fits is null || fits(one)))
                return one;
        }

        lock (_complaints)
            throw new TimeoutException($"No {what} within {longest}. {_complaints}");
    }

    public void Tell(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>What a room has seen so far.</summary>
    public JsonNode Status()
    {
        Tell("status");
        return WaitFor("status", TimeSpan.FromSeconds(10));
    }
}
