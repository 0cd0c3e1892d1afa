namespace RoomAgent.Host.Tests.Life;

/// <summary>The real daemon as systemd sees it.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task ItSaysWhatItDoesThenThatItIsReadyThenThatItStops()
    {
        using Daemon daemon = Daemon.Start(_home, ["--simulate"]);

        List<string> start = await daemon.Systemd.UntilAsync("READY=1");
        Daemon.Ended end = await daemon.StopAsync();
        List<string> stop = await daemon.Systemd.UntilAsync("STOPPING=1");

        Assert.Contains("STATUS=running with simulated hardware", start);
        Assert.Single(stop);
        Assert.Equal(0, end.ExitCode);
        Assert.Empty(end.Output);
    }

    [Theory]
    [InlineData(Daemon.Terminate)]
    [InlineData(Daemon.Interrupt)]
    public async Task ASignalToStopEndsItWellAndSoon(int signal)
    {
        using Daemon daemon = await Daemon.ReadyAsync(_home, ["--simulate"]);

        daemon.Signal(signal);
        long asked = Environment.TickCount64;
        Daemon.Ended end = await daemon.EndAsync();

        Assert.Equal(0, end.ExitCode);
        Assert.InRange(Environment.TickCount64 - asked, 0, 5_000);
    }

    [Fact]
    public async Task ATerminalThatIsClosedEndsIt()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && File.Exists("/dev/pts/ptmx"), "needs script(1) and a devpts");

        // script(1) is the terminal window; killing it closes the terminal.
        using Daemon terminal = Daemon.StartCommand(
            _home, "script", ["--quiet", "--command", $"'{Daemon.Dotnet}' '{Daemon.Program}' --simulate", "/dev/null"]);
        await terminal.Systemd.UntilAsync("READY=1");

        terminal.Kill();

        await terminal.Systemd.UntilAsync("STOPPING=1");
        await UntilAsync(IsLetGo);
    }

    [Fact]
    public async Task WithoutItsCryptographyItSaysWhatToInstallAndEnds()
    {
        // The linker finds this one first, and it is no library.
        File.WriteAllText(_home["libcrypto.so.3"], "not a library");

        Daemon.Ended end = await Daemon.RunAsync(_home, ["--simulate"], ("LD_LIBRARY_PATH", _home.Path));

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("Install the package libssl3 (Debian 12) or libssl3t64 (Debian 13)", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutSystemdItRunsJustAsWell()
    {
        using Daemon daemon = Daemon.Start(_home, ["--simulate"], ("NOTIFY_SOCKET", ""));
        await UntilAsync(() => File.Exists(_home[".local/state/roomagent/clock"]));

        Assert.Equal(0, (await daemon.StopAsync()).ExitCode);
        Assert.Empty(await daemon.Systemd.DuringAsync(TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task ASocketOfSystemdThatIsGoneIsAWarningAndNoMore()
    {
        using Daemon daemon = Daemon.Start(_home, ["--simulate"], ("NOTIFY_SOCKET", _home["gone"]));
        await UntilAsync(() => File.Exists(_home[".local/state/roomagent/clock"]));

        Daemon.Ended end = await daemon.StopAsync();

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("systemd cannot be told how we are", end.Errors);
    }

    [Fact]
    public async Task WhatNobodyFoundAnAnswerToIsTheLastMessage()
    {
        // No socket can have so long a name.
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--simulate"], ("NOTIFY_SOCKET", "/" + new string('x', 200)));

        Assert.Equal(1, end.ExitCode);
        Assert.Contains("fatal   Program: The daemon broke\n    System.ArgumentOutOfRangeException", end.Errors);
    }

    [Fact]
    public async Task TwoNeverShareAStateDirectory()
    {
        using Daemon first = await Daemon.ReadyAsync(_home, ["--simulate"]);

        Daemon.Ended second = await Daemon.RunAsync(_home, ["--simulate"]);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"process {first.Id} has this directory", second.Errors);
    }

    [Fact]
    public async Task AKilledOneLeavesNothingThatKeepsTheNextFromStarting()
    {
        using (await Daemon.ReadyAsync(_home, ["--simulate"]))
        {
            // Disposing kills it.
        }

        using Daemon next = await Daemon.ReadyAsync(_home, ["--simulate"]);
        Assert.Equal(0, (await next.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task AClockThatStandsBeforeTheSavedTimeIsSaidSo()
    {
        _home.Write("state/clock", $"{DateTimeOffset.UtcNow.AddYears(1):yyyy-MM-dd'T'HH:mm:ss'Z'}\n");
        using Daemon daemon = Daemon.Start(_home, ["--simulate", "--set", $"paths.state={_home["state"]}"]);

        await daemon.Systemd.UntilAsync("STATUS=running with simulated hardware; the clock is not set");

        Daemon.Ended end = await daemon.StopAsync();
        Assert.Contains("warning ClockLoop: The clock says", end.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday\n")]
    [InlineData("9999-12-31T23:59:59Z\n")]
    [InlineData("2026-11-22T04:31:02Z and much more than any time has, which is longer than sixty-four bytes\n")]
    public async Task ABrokenSavedTimeIsReplaced(string text)
    {
        _home.Write("state/clock", text);
        using Daemon daemon = await Daemon.ReadyAsync(_home, ["--simulate", "--set", $"paths.state={_home["state"]}"]);

        Assert.Equal(0, (await daemon.StopAsync()).ExitCode);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$", await File.ReadAllTextAsync(_home["state/clock"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TheVersionIsOneLine()
    {
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--version"]);

        Assert.Equal(0, end.ExitCode);
        Assert.Matches(@"^roomagent \d+\.\d+\.\d+\.\d+\n$", end.Output);
    }

    [Fact]
    public async Task HelpNamesEveryOption()
    {
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--help"]);

        Assert.Equal(0, end.ExitCode);
        Assert.All(
            ["--config", "--set", "--simulate", "--check-config", "--check-media", "--example-config", "--version"],
            option => Assert.Contains(option, end.Output));
    }

    [Fact]
    public async Task AnArgumentThatMakesNoSenseIsRefused()
    {
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--frobnicate"]);

        Assert.Equal(64, end.ExitCode);
        Assert.Contains("--frobnicate", end.Errors);
        Assert.Empty(end.Output);
    }

    [Fact]
    public async Task AnArgumentIsNeverReadAsAFileOfArguments()
    {
        string file = _home.Write("arguments", "hunter2");

        Daemon.Ended end = await Daemon.RunAsync(_home, [$"@{file}"]);

        Assert.Equal(64, end.ExitCode);
        Assert.DoesNotContain("hunter2", end.Errors);
    }

    public void Dispose() => _home.Dispose();

    /// <summary>Whether no daemon has the state directory any more: .NET does not open a file that another process has locked.</summary>
    private bool IsLetGo()
    {
        try
        {
            File.OpenHandle(_home[".local/state/roomagent/lock"]).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (int tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 1_500, "waited for half a minute");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
