using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Host.Systemd;

namespace RoomAgent.Host.Tests.Systemd;

public sealed class NotifySocketTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task EveryMessageIsADatagramAsSystemdReadsIt()
    {
        using var listener = new NotifyListener(_home["notify"]);
        using NotifySocket systemd = Connect(listener.Address);

        systemd.Ready();
        systemd.Reloading();
        systemd.Status("in the\nroom");
        systemd.Watchdog();
        systemd.Stopping();

        Assert.Equal("READY=1", await listener.NextAsync());
        Assert.Matches(@"^RELOADING=1\nMONOTONIC_USEC=[1-9]\d+$", await listener.NextAsync());
        Assert.Equal("STATUS=in the room", await listener.NextAsync());
        Assert.Equal("WATCHDOG=1", await listener.NextAsync());
        Assert.Equal("STOPPING=1", await listener.NextAsync());
    }

    [Fact]
    public async Task ANameOutsideTheFileSystemStartsWithAnAt()
    {
        using var listener = new NotifyListener($"@roomagent-test-{Guid.NewGuid():N}");
        using NotifySocket systemd = Connect(listener.Address);

        systemd.Ready();

        Assert.Equal("READY=1", await listener.NextAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nobody/listens/here")]
    [InlineData("@nobody-listens-here")]
    public void NobodyListeningIsNoError(string? address)
    {
        using NotifySocket systemd = Connect(address);

        systemd.Ready();
        systemd.Status("alone");
    }

    public void Dispose() => _home.Dispose();

    private static NotifySocket Connect(string? address) => new(address, TimeProvider.System, NullLogger<NotifySocket>.Instance);
}
