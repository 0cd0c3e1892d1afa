using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Stun;
using RoomAgent.Testing;

namespace RoomAgent.Net.Tests;

/// <summary>Path and probe on real sockets. The times of the ladder are shortened; that they hold at full length is shown in virtual time.</summary>
public sealed class MediaPathTests
{
    private static readonly byte[] s_packet = [0x80, 1, 2, 3];

    private static readonly LadderSettings s_fast = new()
    {
        RaceStep = TimeSpan.FromMilliseconds(60),
        Patience = TimeSpan.FromMilliseconds(120),
        AskAfter = TimeSpan.FromMilliseconds(200),
        WarmAfter = TimeSpan.FromMilliseconds(400),
        DeadAfter = TimeSpan.FromMilliseconds(700),
        UpgradeInterval = TimeSpan.FromMilliseconds(500),
        ConfirmEvery = TimeSpan.FromMilliseconds(50),
        Linger = TimeSpan.FromMilliseconds(100),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PacketsDoNotKnowWhichTransportCarriesThem()
    {
        await using TestNode node = await TestNode.StartAsync();
        ConcurrentQueue<PathChange> changes = new();
        int received = 0;
        await using var path = new MediaPath(
            new MediaPathSettings { Node = node.Address, Transport = TestNode.Trusting, Ladder = s_fast, WatchNetwork = false },
            new SeededRandom(1), datagram => Assert.True(datagram.SequenceEqual(s_packet) && Interlocked.Increment(ref received) > 0), changes.Enqueue);
        async Task CarriesOver(TransportKind kind)
        {
            await Eventually.IsTrue(() => path.Current == kind, $"{kind}");
            int before = Volatile.Read(ref received);
            await Eventually.IsTrue(() => path.Send(s_packet) && Volatile.Read(ref received) > before, $"media over {kind}");
        }

        await CarriesOver(TransportKind.Udp);
        node.Deaf[TransportKind.Udp] = true;
        await CarriesOver(TransportKind.UdpAlternative);
        node.Deaf[TransportKind.UdpAlternative] = true;
        await CarriesOver(TransportKind.Tcp);
        node.Deaf[TransportKind.Tcp] = true;
        await CarriesOver(TransportKind.Tls);
        node.Deaf.Clear();
        await CarriesOver(TransportKind.Udp);

        Assert.Contains(changes, change => change is { Kind: TransportKind.Udp, Cause: PathCause.Started });
        Assert.Contains(changes, change => change is { Kind: TransportKind.Tls, Cause: PathCause.Died });
        Assert.Contains(changes, change => change is { Kind: TransportKind.Udp, Cause: PathCause.BetterAgain });
        Assert.True(path.Counters.Switches >= 5);
        await Eventually.IsTrue(() => Volatile.Read(ref received) == path.Counters.Received, "the count of what is still on its way");
    }

    [Fact]
    public async Task ANewOwnAddressGivesANewSocketAndTheMediaGoesOn()
    {
        await using TestNode node = await TestNode.StartAsync();
        ConcurrentQueue<PathChange> changes = new();
        int received = 0;
        await using var path = new MediaPath(
            new MediaPathSettings { Node = node.Address, Transport = TestNode.Trusting, Ladder = s_fast, WatchNetwork = false },
            new SeededRandom(1), _ => Interlocked.Increment(ref received), changes.Enqueue);
        await Eventually.IsTrue(() => path.Send(s_packet) && Volatile.Read(ref received) > 0, "media");

        EndPoint first = changes.Last().Local!;

        path.NetworkChanged();
        await Eventually.IsTrue(() => changes.Any(change => change.Cause == PathCause.AddressChanged), "the change");
        EndPoint moved = changes.First(change => change.Cause == PathCause.AddressChanged).Local!;
        await Eventually.IsTrue(() => path.Send(s_packet) && node.Sources.ContainsKey(changes.Last().Local!), "media from the new socket");
        int before = Volatile.Read(ref received);
        await Eventually.IsTrue(() => path.Send(s_packet) && Volatile.Read(ref received) > before, "answers to it");

        Assert.NotEqual(first, moved);
    }

    [Fact]
    public async Task ANodeThatKnowsTheLegsIsReachedWithTheLegsKeyAndNoOther()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var atNode = new StunCredential(OpenSslCrypto.Instance, "leg"u8, "key of the leg"u8);
        using var own = new StunCredential(OpenSslCrypto.Instance, "leg"u8, "key of the leg"u8);
        using var other = new StunCredential(OpenSslCrypto.Instance, "leg"u8, "another key"u8);
        node.Server = new BindingServer(name => name.SequenceEqual(atNode.Username) ? atNode : null, required: true);
        var settings = new MediaPathSettings { Node = node.Address with { WebSocket = null }, Ladder = s_fast, WatchNetwork = false };

        await using var stranger = new MediaPath(settings with { Credential = other }, new SeededRandom(1), _ => { });
        await using var path = new MediaPath(settings with { Credential = own }, new SeededRandom(2), _ => { });

        await Eventually.IsTrue(() => path.Current == TransportKind.Udp, "the path");
        await Task.Delay(s_fast.RaceStep * 4, Cancel);
        Assert.Null(stranger.Current);
    }

    [Fact]
    public async Task WithoutANodeNothingIsSentAndTheEndIsPrompt()
    {
        var nowhere = new MediaNodeAddress("127.0.0.1", null, 9, 0, 9);
        await using var path = new MediaPath(
            new MediaPathSettings { Node = nowhere, Ladder = s_fast, WatchNetwork = false }, new SeededRandom(1), _ => { });

        Assert.False(path.Send(s_packet));
        Assert.Null(path.Current);
        Assert.Equal(1, path.Counters.Dropped);
    }

    [Fact]
    public async Task AReportSaysOfEachNodeAndTransportWhetherItIsReachable()
    {
        await using TestNode open = await TestNode.StartAsync();
        await using TestNode blocked = await TestNode.StartAsync(host: "127.0.0.2");
        blocked.Deaf[TransportKind.Udp] = blocked.Deaf[TransportKind.UdpAlternative] = blocked.Deaf[TransportKind.Tcp] = true;
        var probe = new ReachabilityProbe(new ProbeSettings { Transport = TestNode.Trusting, Limit = TimeSpan.FromSeconds(5) }, new SeededRandom(1));

        ReachabilityReport report = await probe.RunAsync([("open", open.Address), ("blocked", blocked.Address)], Cancel);

        Assert.Equal(["open", "blocked"], report.Nodes.Select(node => node.Node));
        Assert.Equal([true, true, true, true], report.Nodes[0].Transports.Select(transport => transport.Reachable));
        Assert.Equal([false, false, false, true], report.Nodes[1].Transports.Select(transport => transport.Reachable));
        Assert.All(report.Nodes[0].Transports, transport => Assert.True(transport.RoundTripMilliseconds > 0));
        Assert.All(report.Nodes[0].Transports, transport => Assert.StartsWith("127.0.0.1:", transport.MappedAddress));
        Assert.All(report.Nodes[1].Transports.Take(3), transport => Assert.Null(transport.MappedAddress));
        Assert.Equal(JsonSerializer.Serialize(report), JsonSerializer.Serialize(JsonSerializer.Deserialize<ReachabilityReport>(JsonSerializer.Serialize(report))));
    }

    [Fact]
    public async Task TheLoopProbesAtItsStartAgainFromTimeToTimeAndWhenAsked()
    {
        await using TestNode node = await TestNode.StartAsync();
        var probe = new ReachabilityProbe(new ProbeSettings { Transport = TestNode.Trusting, Samples = 1 }, new SeededRandom(1));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int reports = 0;

        var often = new ReachabilityLoop(probe, () => [("node", node.Address)], _ => Interlocked.Increment(ref reports), TimeSpan.FromMilliseconds(20));
        Task running = often.RunAsync(stop.Token);
        await Eventually.IsTrue(() => reports >= 3, "the reports from time to time");
        Assert.NotNull(often.Latest);
        await stop.CancelAsync();
        await running;

        using var stopSeldom = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int seldomReports = 0;
        var seldom = new ReachabilityLoop(probe, () => [("node", node.Address)], _ => Interlocked.Increment(ref seldomReports));
        running = seldom.RunAsync(stopSeldom.Token);
        await Eventually.IsTrue(() => seldomReports == 1, "the first report");
        seldom.ProbeNow();
        await Eventually.IsTrue(() => seldomReports == 2, "the report that was asked for");
        await stopSeldom.CancelAsync();
        await running;
    }
}
