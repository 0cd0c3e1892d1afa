using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Room;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Room;

public sealed class RoomLoopTests
{
    private readonly MemoryStatus _status = new();
    private readonly Listener _listener = new();

    [Theory]
    [InlineData(HardwareMode.Real, "running")]
    [InlineData(HardwareMode.Simulated, "running with simulated hardware")]
    public async Task TheStatusSaysWhatRuns(HardwareMode hardware, string text)
    {
        await LiveAsync(new RoomSettings { Hardware = hardware }, room => room.PingAsync());

        Assert.Equal(text, _status[StatusTopic.Room]);
    }

    [Fact]
    public async Task NewSettingsReachTheListenersAsFarAsTheyMayChange()
    {
        var start = new RoomSettings();

        await LiveAsync(start, async room =>
        {
            SettingsChange change = await room.OfferAsync(start with { LogLevel = LogLevel.Trace, Hardware = HardwareMode.Simulated });
            Assert.Equal([SettingTable.Hardware], change.Waiting);
        });

        Assert.Equal([start with { LogLevel = LogLevel.Trace }], _listener.Applied);
    }

    [Fact]
    public async Task WhatWaitsForARestartIsStillWaitingAtTheNextReload()
    {
        var start = new RoomSettings();
        RoomSettings offered = start with { Hardware = HardwareMode.Simulated };

        await LiveAsync(start, async room =>
        {
            await room.OfferAsync(offered);
            SettingsChange again = await room.OfferAsync(offered);
            Assert.Equal([SettingTable.Hardware], again.Waiting);
        });
    }

    private async Task LiveAsync(RoomSettings settings, Func<RoomLoop, Task> deeds)
    {
        using var stopping = new CancellationTokenSource();
        var room = new RoomLoop(settings, [_listener], _status, NullLogger<RoomLoop>.Instance);
        Task running = room.RunAsync(stopping.Token);

        await deeds(room);

        await stopping.CancelAsync();
        await running;
    }

    private sealed class Listener : ISettingsListener
    {
        public List<RoomSettings> Applied { get; } = [];

        public void Apply(RoomSettings settings) => Applied.Add(settings);
    }
}
