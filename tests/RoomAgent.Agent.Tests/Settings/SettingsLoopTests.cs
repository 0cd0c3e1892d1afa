using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Settings;

public sealed class SettingsLoopTests
{
    private readonly Listener _listener = new();

    [Fact]
    public async Task NewSettingsReachTheListenersAsFarAsTheyMayChange()
    {
        var start = new RoomSettings();

        await LiveAsync(start, async loop =>
        {
            SettingsChange change = await loop.OfferAsync(start with { LogLevel = LogLevel.Trace, Hardware = HardwareMode.Simulated });
            Assert.Equal([SettingTable.Hardware], change.Waiting);
        });

        Assert.Equal([start with { LogLevel = LogLevel.Trace }], _listener.Applied);
    }

    [Fact]
    public async Task WhatWaitsForARestartIsStillWaitingAtTheNextReload()
    {
        var start = new RoomSettings();
        RoomSettings offered = start with { Hardware = HardwareMode.Simulated };

        await LiveAsync(start, async loop =>
        {
            await loop.OfferAsync(offered);
            SettingsChange again = await loop.OfferAsync(offered);
            Assert.Equal([SettingTable.Hardware], again.Waiting);
        });
    }

    private async Task LiveAsync(RoomSettings settings, Func<SettingsLoop, Task> deeds)
    {
        using var stopping = new CancellationTokenSource();
        var loop = new SettingsLoop(settings, [_listener], NullLogger<SettingsLoop>.Instance);
        Task running = loop.RunAsync(stopping.Token);

        await deeds(loop);

        await stopping.CancelAsync();
        await running;
    }

    private sealed class Listener : ISettingsListener
    {
        public List<RoomSettings> Applied { get; } = [];

        public void Apply(RoomSettings settings) => Applied.Add(settings);
    }
}
