using System.Diagnostics;
using System.Text.Json;

namespace RoomAgent.Host.Tests.Logging;

/// <summary>The log of the real daemon, as a real journald keeps it.</summary>
[Trait("Category", "Peer")]
public sealed class JournalPeerTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task JournaldKeepsMessagesWithTheirValues()
    {
        string file = _home.Write("room.conf", "[log]\nlevel = loud\n");

        List<JsonElement> entries = await RecordAsync("--simulate", "--config", file);

        JsonElement problem = Assert.Single(entries, entry => Field(entry, "EVENT_NAME") == "Problem");
        Assert.Equal($"{file}:2: [log] level: allowed is one of trace, debug, info, warning, error", Field(problem, "MESSAGE"));
        Assert.Equal("3", Field(problem, "PRIORITY"));
        Assert.Equal("500", Field(problem, "EVENT_ID"));
        Assert.Equal("RoomAgent.Host.Program", Field(problem, "LOGGER"));
        Assert.Equal($"{file}:2", Field(problem, "ROOMAGENT_ORIGIN"));
        Assert.Equal("journal", Field(problem, "_TRANSPORT"));
        Assert.Single(entries, entry => Field(entry, "EVENT_NAME") == "StartRefused" && Field(entry, "PRIORITY") == "2");
    }

    public void Dispose() => _home.Dispose();

    private async Task<List<JsonElement>> RecordAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/lib/systemd/systemd-journald"), "systemd-journald is not installed");
        Assert.SkipUnless(Environment.UserName == "root", "a journald of one's own needs root");
        Assert.SkipUnless(File.Exists("/etc/machine-id") && new FileInfo("/etc/machine-id").Length >= 32, "journald needs an /etc/machine-id");

        var start = new ProcessStartInfo("unshare")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", Path.Combine(AppContext.BaseDirectory, "Logging/journal.sh") },
        };
        foreach (string argument in (string[])[Daemon.Dotnet, Daemon.Program, .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = _home.Path;

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);

        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static string? Field(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
