using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net.Tests;

/// <summary>What is received is received on threads of the pool, so all threads are counted and nothing else may run.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class AllocationTests
{
    private const int Rounds = 200;
    private const int Burst = 50;

    [Theory]
    [InlineData(TransportKind.Udp, 0)]
    [InlineData(TransportKind.Tcp, 0)]
    [InlineData(TransportKind.Tls, 20)]
    public async Task NoObjectIsMadeForADatagram(TransportKind kind, int perDatagram)
    {
        await using TestNode node = await TestNode.StartAsync();
        node.Echoes = false;
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        peer.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        MediaNodeAddress address = kind == TransportKind.Udp ? node.Address with { UdpPort = ((IPEndPoint)peer.LocalEndPoint!).Port } : node.Address;
        int received = 0;
        await using IMediaTransport transport = await address.OpenAsync(
            kind, TestNode.Trusting, (_, _) => Interlocked.Increment(ref received), (_, _) => { }, TestContext.Current.CancellationToken);
        transport.Send([0x80]);
        if (kind == TransportKind.Udp)
            await peer.ConnectAsync(transport.Local!, TestContext.Current.CancellationToken);
        else
            await Eventually.IsTrue(() => !node.Seen.IsEmpty, "the connection");
        IMediaConnection? connection = node.Seen.Keys.SingleOrDefault();

        byte[] packet = [0x80, .. new byte[1_199]];
        void Carry(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                int expected = Volatile.Read(ref received) + Burst;
                for (int j = 0; j < Burst; j++)
                    _ = connection?.Send(packet) ?? peer.Send(packet) > 0;
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref received) >= expected, TimeSpan.FromSeconds(30)));
            }
        }
        Carry(20);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        Carry(Rounds);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        // The closures of the test and the sweeps of the node are a little. For TLS the WebSockets and streams of the framework make objects
        // for each of their messages, which hold several datagrams. An object for each datagram would be 24 bytes and more.
        Assert.InRange(allocated, 0, 60_000 + (perDatagram * Rounds * Burst));
    }
}
