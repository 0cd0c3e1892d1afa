using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>Who is connected to which hub, and how a dead hub is noticed.</summary>
public abstract class PresenceTests : StoreTests
{
    private static readonly Instant s_start = new(1_000_000);

    private protected PresenceTests(TestDatabase origin)
        : base(origin)
    {
    }

    [Fact]
    public async Task ADeviceIsFoundAtTheHubThatHasItAndNoLongerWhenItLeft()
    {
        (Presence here, Presence there, ByteString connection) = (Hub("here:443"), Hub("there:443"), Name());
        Assert.False(await here.BeatAsync());
        Assert.False(await there.BeatAsync());
        Assert.True(await here.BeatAsync());
        await here.OpenedAsync(Name(), "room 1", s_now);
        await there.OpenedAsync(connection, "room 1", s_now.AddSeconds(1));
        await there.OpenedAsync(Name(), "room 2", s_now);

        List<HubConnection> found = await there.FindAsync("room 1");
        Assert.Equal(["there:443", "here:443"], found.Select(one => one.Address));
        Assert.Equal((connection, "room 1", s_now.AddSeconds(1)), (found[0].Id, found[0].Subject, found[0].Since));

        await here.ClosedAsync(connection);
        Assert.Equal(2, (await here.FindAsync("room 1")).Count);
        await there.ClosedAsync(connection);
        await there.ClosedAsync(connection);
        Assert.Single(await here.FindAsync("room 1"));
    }

    [Fact]
    public async Task AHubThatStandsStillIsBuriedOnceWithAllItsConnections()
    {
        (Presence dead, Presence one, Presence another) = (Hub("dead"), Hub("one"), Hub("another"));
        foreach (Presence hub in new[] { dead, one, another })
            await hub.BeatAsync();
        await dead.OpenedAsync(Name(), "room 1", s_now);
        await dead.OpenedAsync(Name(), "room 2", s_now.AddSeconds(1));
        await one.OpenedAsync(Name(), "room 3", s_now);

        var lost = new List<string>();
        for (TimeSpan passed = TimeSpan.Zero; passed <= Presence.Lease; passed += Presence.Beat)
        {
            Assert.Empty(lost);
            foreach (Presence hub in new[] { one, another })
            {
                Assert.True(await hub.BeatAsync());
                lost.AddRange((await hub.BuryAsync(s_start + passed)).Select(connection => connection.Subject));
            }
        }

        Assert.Equal(["room 1", "room 2"], lost);
        Assert.Empty(await one.FindAsync("room 1"));
        Assert.Single(await one.FindAsync("room 3"));
    }

    [Fact]
    public async Task AHubThatBeatsIsNotBuriedHoweverLongItLives()
    {
        (Presence alive, Presence watcher) = (Hub("alive"), Hub("watcher"));
        await alive.BeatAsync();
        await alive.OpenedAsync(Name(), "room 1", s_now);

        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(await watcher.BuryAsync(s_start + i * Presence.Lease));
            Assert.True(await alive.BeatAsync());
        }
    }

    [Fact]
    public async Task AHubThatWasBuriedAliveIsToldAndComesBack()
    {
        (Presence slow, Presence watcher) = (Hub("slow"), Hub("watcher"));
        await slow.BeatAsync();
        await slow.OpenedAsync(Name(), "room 1", s_now);
        await watcher.BuryAsync(s_start);
        Assert.Single(await watcher.BuryAsync(s_start + Presence.Lease));

        Assert.False(await slow.OpenedAsync(Name(), "room 1", s_now));
        Assert.False(await slow.BeatAsync());
        Assert.True(await slow.OpenedAsync(Name(), "room 1", s_now));
        Assert.Empty(await watcher.BuryAsync(s_start + 2 * Presence.Lease));
        Assert.Single(await watcher.FindAsync("room 1"));
    }

    [Fact]
    public async Task AHubThatEndsInOrderTakesItsConnectionsWithIt()
    {
        (Presence ending, Presence other) = (Hub("ending"), Hub("other"));
        await ending.BeatAsync();
        await ending.OpenedAsync(Name(), "room 1", s_now);

        await ending.EndAsync();

        Assert.Empty(await other.FindAsync("room 1"));
    }

    [Fact]
    public async Task AHubBuriesNotItself()
    {
        Presence alone = Hub("alone");
        await alone.BeatAsync();

        Assert.Empty(await alone.BuryAsync(s_start));
        Assert.Empty(await alone.BuryAsync(s_start + 10 * Presence.Lease));
        Assert.True(await alone.BeatAsync());
    }

    private Presence Hub(string address) => new(Database, Name(), address);

    private static ByteString Name() => ByteString.Owning(RandomNumberGenerator.GetBytes(16));
}

/// <summary>The same, on a file.</summary>
public sealed class SqlitePresenceTests() : PresenceTests(new SqliteFile());

/// <summary>The same, on a server.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlPresenceTests(PostgreSqlServer server) : PresenceTests(new ServerDatabase(server));
