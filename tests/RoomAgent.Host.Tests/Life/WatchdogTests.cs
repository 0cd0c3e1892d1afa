using System.Globalization;

namespace RoomAgent.Host.Tests.Life;

/// <summary>The watchdog of the real daemon. Its loops are stuck as in life: by a storage that does not answer.</summary>
public sealed class WatchdogTests : IDisposable
{
    private static readonly (string, string) s_halfASecond = ("WATCHDOG_USEC", "500000");
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task AHealthyDaemonKeepsFeeding()
    {
        using Daemon daemon = await Daemon.ReadyAsync(_home, ["--simulate"], s_halfASecond);

        for (int i = 0; i < 5; i++)
            await daemon.Systemd.UntilAsync("WATCHDOG=1");

        Assert.Equal(0, (await daemon.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task AStuckLoopStopsTheFeedingUntilItMovesAgain()
    {
        string clock = _home["state/clock"];
        using Daemon daemon = await Daemon.ReadyAsync(
            _home, ["--simulate", "--set", $"paths.state={_home["state"]}", "--set", "clock.save-every=1s"], s_halfASecond);
        await daemon.Systemd.UntilAsync("WATCHDOG=1");

        // The loop opens the file to save the time, and the pipe in its place keeps it there.
        Daemon.MakePipe(clock + ".new");
        await daemon.Systemd.UntilAsync("STATUS=running with simulated hardware; no answer from: clock");
        Assert.DoesNotContain("WATCHDOG=1", await daemon.Systemd.DuringAsync(TimeSpan.FromSeconds(1.5)));

        // Somebody reads: the pipe lets go.
        using (File.OpenRead(clock + ".new"))
        {
            await daemon.Systemd.UntilAsync("WATCHDOG=1");
        }

        Daemon.Ended end = await daemon.StopAsync();
        Assert.Contains("No answer from: clock. The watchdog is not fed until they answer", end.Errors);
        Assert.Contains("All loops answer again", end.Errors);
        Assert.Equal(0, end.ExitCode);
    }

    [Fact]
    public async Task ALoopThatIsStuckAtTheEndDoesNotKeepTheDaemonAlive()
    {
        using Daemon daemon = await Daemon.ReadyAsync(_home, ["--simulate", "--set", $"paths.state={_home["state"]}"]);
        Daemon.MakePipe(_home["state/clock.new"]);

        Daemon.Ended end = await daemon.StopAsync();

        Assert.Contains("Not every loop stopped in time", end.Errors);
        Assert.Equal(1, end.ExitCode);
    }

    [Fact]
    public async Task AWatchdogThatIsMeantForAnotherProcessIsNotFed()
    {
        string other = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using Daemon daemon = await Daemon.ReadyAsync(_home, ["--simulate"], s_halfASecond, ("WATCHDOG_PID", other));

        Assert.Empty(await daemon.Systemd.DuringAsync(TimeSpan.FromSeconds(1)));
    }

    public void Dispose() => _home.Dispose();
}
