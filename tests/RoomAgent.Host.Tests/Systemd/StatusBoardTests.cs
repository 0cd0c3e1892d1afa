using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Host.Systemd;

namespace RoomAgent.Host.Tests.Systemd;

public sealed class StatusBoardTests
{
    [Fact]
    public async Task WhatEveryoneSaysIsOneLineInItsOrder()
    {
        using var listener = new NotifyListener($"@roomagent-test-{Guid.NewGuid():N}");
        using var systemd = new NotifySocket(listener.Address, TimeProvider.System, NullLogger<NotifySocket>.Instance);
        var board = new StatusBoard(systemd);

        board.Post(StatusTopic.Clock, "late");
        board.Post(StatusTopic.Room, "open");
        board.Post(StatusTopic.Room, "open");
        board.Post(StatusTopic.Clock, null);
        board.Post(StatusTopic.Clock, null);
        systemd.Ready();

        Assert.Equal(["STATUS=late", "STATUS=open; late", "STATUS=open", "READY=1"], await listener.UntilAsync("READY=1"));
    }
}
