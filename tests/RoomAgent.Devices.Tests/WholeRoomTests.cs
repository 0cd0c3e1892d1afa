using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Testing;

namespace RoomAgent.Devices.Tests;

/// <summary>The lab of whole rooms in its short form; <c>./measure rooms --soak</c> lets it run for half an hour, and judges how late pictures are.</summary>
[Trait("Category", "Peer")]
public sealed class WholeRoomTests(ITestOutputHelper output)
{
    [Fact]
    public void ThroughANodePicturesAndSoundStayTogetherAndMemoryStaysFlat()
    {
        JsonNode result = Run("node", seconds: 150);

        JsonNode counters = result["counters"]!;
        Assert.Equal(0, (long)counters["undecryptable"]!);
        Assert.Equal(0, (long)counters["crowded out"]!);
        Assert.InRange((int)result["shown"]!, 150 * 15, 150 * 31);
        Assert.InRange((int)result["sounds"]!, 75, 155);
        Assert.InRange((double)result["skewLast"]! - (double)result["skewFirst"]!, -20, 20);

        // What the just-in-time compiler takes in the first minutes is in it; half an hour shows the slope.
        Assert.InRange((long)result["memoryLast"]! - (long)result["memoryFirst"]!, -50_000, 25_000);
    }

    [Fact]
    public void ARoomSeesItself()
    {
        JsonNode result = Run("direct", seconds: 8);

        Assert.Equal(0, (long)result["counters"]!["undecodable"]!);
        Assert.InRange((int)result["shown"]!, 8 * 15, 8 * 31);
    }

    private JsonNode Run(string lab, int seconds)
    {
        string program = Path.Combine(Repository.Root, "artifacts", "bin", "RoomAgent.RoomLab", "release", "RoomAgent.RoomLab.dll");
        var start = new ProcessStartInfo("dotnet", [program, lab, "--seconds", $"{seconds}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        var told = new StringBuilder();
        process.ErrorDataReceived += (_, line) => told.AppendLine(line.Data);
        process.BeginErrorReadLine();
        using var end = new Timer(_ => process.Kill(), null, TimeSpan.FromSeconds((seconds * 2) + 120), Timeout.InfiniteTimeSpan);
        string result = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        output.WriteLine($"{told}{result}");
        Assert.Equal(0, process.ExitCode);
        return JsonNode.Parse(result)!;
    }
}
