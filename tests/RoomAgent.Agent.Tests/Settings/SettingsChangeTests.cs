using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Settings;

public sealed class SettingsChangeTests
{
    [Fact]
    public void AReloadAppliesWhatItMayAndTheRestWaits()
    {
        var current = new RoomSettings();
        RoomSettings offered = current with { LogLevel = LogLevel.Debug, StateDirectory = "/elsewhere" };

        SettingsChange change = SettingsChange.Between(current, offered);

        Assert.Equal(current with { LogLevel = LogLevel.Debug }, change.InForce);
        Assert.Equal([SettingTable.LogLevel], change.Applied);
        Assert.Equal([SettingTable.StateDirectory], change.Waiting);
    }

    [Fact]
    public void TheSameAgainChangesNothing()
    {
        SettingsChange change = SettingsChange.Between(new RoomSettings(), new RoomSettings());

        Assert.Equal(new RoomSettings(), change.InForce);
        Assert.Empty(change.Applied);
        Assert.Empty(change.Waiting);
    }
}
