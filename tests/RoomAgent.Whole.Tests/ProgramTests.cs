using System.Diagnostics;

namespace RoomAgent.Whole.Tests;

/// <summary>A hub and rooms as processes of their own, looked at from outside: what <c>./run</c> shows and what <c>./measure stay</c> does for half an hour.</summary>
public sealed class ProgramTests
{
    [Fact]
    public Task RoomsThatArePairedByTheirCodesSeeAndHearEachOtherAndAgree() => RunAsync("--once");

    [Fact]
    public Task AMeetingInWhichRoomsComeGoAndAreKilledWhilePacketsAreLostStaysOne() => RunAsync("soak", "--minutes", "2");

    private static async Task RunAsync(params string[] words)
    {
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "RoomAgent.Rooms", "release", "RoomAgent.Rooms.dll"));
        using Process rooms = Process.Start(new ProcessStartInfo("dotnet", [program, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = rooms.StandardError.ReadToEndAsync();
        string output = await rooms.StandardOutput.ReadToEndAsync();
        await rooms.WaitForExitAsync();

        Assert.True(rooms.ExitCode == 0, $"{string.Join('\n', output.Split('\n').TakeLast(80))}\n{await errors}");
    }
}
