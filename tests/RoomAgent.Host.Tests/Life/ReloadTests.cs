namespace RoomAgent.Host.Tests.Life;

/// <summary>SIGHUP, from the signal to what systemd and the log say about it.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task SystemdIsToldWhenItBeginsAndWhenItIsDone()
    {
        using Daemon daemon = await StartAsync("");
        long before = Environment.TickCount64;

        daemon.Signal(Daemon.Hangup);
        string reloading = (await daemon.Systemd.UntilAsync("RELOADING=1"))[^1];
        await daemon.Systemd.UntilAsync("READY=1");

        long microseconds = long.Parse(reloading.Split("MONOTONIC_USEC=")[1]);
        Assert.InRange(microseconds / 1000, before - 1_000, Environment.TickCount64 + 1_000);
        Assert.Equal(0, (await daemon.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task ANewLogLevelHoldsAtOnce()
    {
        using Daemon daemon = await StartAsync("[log]\nlevel = info\n");

        await ReloadAsync(daemon, "[log]\nlevel = warning\n");
        Daemon.Ended end = await daemon.StopAsync();

        Assert.Contains("info    Watchdog: Ready", end.Errors);
        Assert.DoesNotContain("Stopped", end.Errors);
    }

    [Fact]
    public async Task ABadConfigurationChangesNothingAndIsSaid()
    {
        using Daemon daemon = await StartAsync("[log]\nlevel = info\n");

        List<string> told = await ReloadAsync(daemon, "[log]\nlevel = warning\nvolume = 11\n");
        List<string> toldLater = await ReloadAsync(daemon, "[log]\nlevel = info\n");
        Daemon.Ended end = await daemon.StopAsync();

        Assert.Contains("STATUS=running with simulated hardware; the new configuration is refused, the old one holds", told);
        Assert.Contains("STATUS=running with simulated hardware", toldLater);
        Assert.Contains($"{_home["roomagent.conf"]}:3: [log] volume: unknown key; [log] has level", end.Errors);
        Assert.Contains("Stopped", end.Errors);
        Assert.Equal(0, end.ExitCode);
    }

    [Fact]
    public async Task WhatTakesEffectAtRestartIsSaid()
    {
        using Daemon daemon = await StartAsync("");

        List<string> told = await ReloadAsync(daemon, $"[paths]\nstate = {_home["elsewhere"]}\n");
        Daemon.Ended end = await daemon.StopAsync();

        Assert.Contains("STATUS=running with simulated hardware; restart to apply paths.state", told);
        Assert.Contains("paths.state was changed; it takes effect at restart", end.Errors);
        Assert.False(Directory.Exists(_home["elsewhere"]));
    }

    [Fact]
    public async Task AFileThatDisappearedIsABadConfiguration()
    {
        using Daemon daemon = await StartAsync("");
        File.Delete(_home["roomagent.conf"]);

        daemon.Signal(Daemon.Hangup);
        List<string> told = await daemon.Systemd.UntilAsync("READY=1");
        Daemon.Ended end = await daemon.StopAsync();

        Assert.Contains(told, text => text.Contains("the old one holds"));
        Assert.Contains("there is no such file", end.Errors);
    }

    public void Dispose() => _home.Dispose();

    private Task<Daemon> StartAsync(string configuration) =>
        Daemon.ReadyAsync(_home, ["--simulate", "--config", _home.Write("roomagent.conf", configuration)]);

    private async Task<List<string>> ReloadAsync(Daemon daemon, string configuration)
    {
        _home.Write("roomagent.conf", configuration);
        daemon.Signal(Daemon.Hangup);
        return await daemon.Systemd.UntilAsync("READY=1");
    }
}
