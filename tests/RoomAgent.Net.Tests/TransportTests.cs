using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using RoomAgent.Testing;

namespace RoomAgent.Net.Tests;

/// <summary>Each transport on real sockets, against the media node's half.</summary>
public sealed class TransportTests
{
    public static TheoryData<TransportKind> Kinds => [.. Enum.GetValues<TransportKind>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task DatagramsGoThereAndBackAsTheyAre(TransportKind kind)
    {
        await using TestNode node = await TestNode.StartAsync();
        ConcurrentQueue<byte[]> received = new();
        var ended = new TaskCompletionSource<CloseReason>();
        IMediaTransport transport = await node.Address.OpenAsync(
            kind, TestNode.Trusting, (_, datagram) => received.Enqueue(datagram.ToArray()), (_, reason) => ended.SetResult(reason), Cancel);

        List<byte[]> sent = [];
        foreach (int length in (int[])[1, 2, 12, 160, 1_200, 1_500, 2_048])
        {
            byte[] datagram = [0x80, .. new byte[length - 1]];
            new Random(length).NextBytes(datagram.AsSpan(1));
            sent.Add(datagram);
            Assert.True(transport.Send(datagram));
            await Eventually.IsTrue(() => received.Count == sent.Count, $"{length} bytes over {kind}");
        }

        Assert.False(transport.Send(new byte[2_049]));
        Assert.False(transport.Send([]));
        Assert.Equal(sent, received);
        Assert.Equal(kind, transport.Kind);
        Assert.NotNull(transport.Local);
        Assert.NotNull(transport.Remote);
        Assert.Equal(new TransportCounters(7, 7, 2, 0), transport.Counters);

        await transport.DisposeAsync();
        await transport.DisposeAsync();
        Assert.Equal(CloseReason.ByOwner, await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.False(transport.Send([0x80]));
    }

    [Fact]
    public async Task WhereNobodyListensTcpAndTlsCannotBeOpenedAndUdpOnlyStaysSilent()
    {
        var nowhere = new MediaNodeAddress("127.0.0.1", new Uri("wss://127.0.0.1:9/media"), 9, 9, 9);

        foreach (TransportKind kind in (TransportKind[])[TransportKind.Tcp, TransportKind.Tls])
        {
            await Assert.ThrowsAsync<TransportException>(() =>
                nowhere.OpenAsync(kind, new TransportSettings(), (_, _) => { }, (_, _) => { }, Cancel));
        }

        await using IMediaTransport udp = await nowhere.OpenAsync(TransportKind.Udp, new TransportSettings(), (_, _) => { }, (_, _) => { }, Cancel);
        udp.Send([1]);
        udp.Send([1]);
        Assert.Equal(0, udp.Counters.Received);
    }

    [Fact]
    public async Task ACertificateThatLeadsToNoAnchorIsRefusedUnlessTheOwnerSaysOtherwise()
    {
        await using TestNode node = await TestNode.StartAsync();
        await Assert.ThrowsAsync<TransportException>(() => OpenAsync(node, TransportKind.Tls, new TransportSettings()));

        SslPolicyErrors seen = SslPolicyErrors.None;
        var asking = new TransportSettings
        {
            CertificateValidation = (_, certificate, _, errors) =>
            {
                seen = errors;
                return TestNode.IsItsCertificate(certificate);
            },
        };
        await using IMediaTransport transport = await OpenAsync(node, TransportKind.Tls, asking);
        Assert.NotEqual(SslPolicyErrors.None, seen);
    }

    [Theory]
    [InlineData(TransportKind.Tcp)]
    [InlineData(TransportKind.Tls)]
    public async Task AReceiverThatDoesNotReadLosesItsOwnPacketsAndHoldsNobodyBack(TransportKind kind)
    {
        await using TestNode node = await TestNode.StartAsync();
        node.Echoes = false;
        using var slow = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        using var slowWebSocket = new ClientWebSocket();
        if (kind == TransportKind.Tcp)
        {
            await slow.ConnectAsync("127.0.0.1", node.Address.TcpPort, Cancel);
            await slow.SendAsync(new byte[] { 0, 1, 0x80 }, Cancel);
        }
        else
        {
            slowWebSocket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => TestNode.IsItsCertificate(certificate);
            await slowWebSocket.ConnectAsync(node.Address.WebSocket!, Cancel);
            await slowWebSocket.SendAsync(new byte[] { 0, 1, 0x80 }, WebSocketMessageType.Binary, true, Cancel);
        }

        await Eventually.IsTrue(() => !node.Seen.IsEmpty, "the slow one");
        IMediaConnection connection = node.Seen.Keys.Single();

        byte[] packet = [0x80, .. new byte[1_199]];
        for (int i = 0; i < 50_000; i++)
            connection.Send(packet);

        Assert.True(connection.Counters.Dropped > 10_000, $"{connection.Counters}");
        node.Echoes = true;
        int echoed = 0;
        await using IMediaTransport other = await OpenAsync(node, kind, TestNode.Trusting, (_, _) => Interlocked.Increment(ref echoed));
        other.Send(packet);
        await Eventually.IsTrue(() => echoed == 1, "the echo of the other");
    }

    [Fact]
    public async Task AWebSocketsMessagesAreOneStreamWhereverTheyAreCut()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => TestNode.IsItsCertificate(certificate);
        await socket.ConnectAsync(node.Address.WebSocket!, Cancel);
        byte[] stream = [0, 3, 0x80, 1, 2, 0, 0, 0, 2, 0x80, 3, 0, 1, 0x80];

        for (int at = 0; at < stream.Length; at += 4)
            await socket.SendAsync(stream.AsMemory(at, Math.Min(4, stream.Length - at)), WebSocketMessageType.Binary, at % 8 == 4, Cancel);

        byte[] expected = [0, 3, 0x80, 1, 2, 0, 2, 0x80, 3, 0, 1, 0x80];
        byte[] back = new byte[expected.Length];
        for (int count = 0; count < back.Length;)
            count += (await socket.ReceiveAsync(back.AsMemory(count), Cancel)).Count;
        Assert.Equal(expected, back);

        await socket.SendAsync("text"u8.ToArray(), WebSocketMessageType.Text, true, Cancel);
        await Eventually.IsTrue(() => node.Ended.Any(end => end.Reason == CloseReason.ByPeer), "the end after text");
    }

    [Fact]
    public async Task ConnectionsAreBoundedInAllAndPerAddress()
    {
        await using TestNode node = await TestNode.StartAsync(new MediaConnectionSettings { Most = 6, MostOfOneAddress = 4 });
        List<Socket> sockets = [];

        for (int i = 0; i < 20; i++)
            sockets.Add(await ConnectAsync(node, "127.0.0.1"));
        for (int i = 0; i < 20; i++)
            sockets.Add(await ConnectAsync(node, "127.0.0.2"));

        await Eventually.IsTrue(() => node.Connections.Refused == 34, "the refusals");
        Assert.Equal(6, node.Connections.Count);
        await Assert.ThrowsAsync<TransportException>(() => OpenAsync(node, TransportKind.Tls, TestNode.Trusting));

        sockets.ForEach(socket => socket.Dispose());
        await Eventually.IsTrue(() => node.Connections.Count == 0, "the ends");
        await using IMediaTransport transport = await OpenAsync(node, TransportKind.Tls, TestNode.Trusting);
        Assert.Equal(1, node.Connections.Count);
    }

    [Fact]
    public async Task WhoeverIsNotAdmittedOrIsSilentIsClosed()
    {
        TimeSpan brief = TimeSpan.FromMilliseconds(100);
        await using TestNode strict = await TestNode.StartAsync(new MediaConnectionSettings { AdmissionTime = brief });
        strict.Admits = false;
        using Socket stranger = await ConnectAsync(strict, "127.0.0.1");
        await Eventually.IsTrue(() => strict.Ended.Any(end => end.Reason == CloseReason.NotAdmitted), "the end of the stranger");

        // Whoever shall fall silent needs time to be admitted first, on a busy machine too.
        await using TestNode node = await TestNode.StartAsync(new MediaConnectionSettings { AdmissionTime = TimeSpan.FromMinutes(1), IdleTime = brief });
        using Socket silent = await ConnectAsync(node, "127.0.0.1");
        await silent.SendAsync(new byte[] { 0, 1, 0x80 }, Cancel);
        await Eventually.IsTrue(() => node.Ended.Any(end => end.Reason == CloseReason.Idle), "the end of the silent one");
    }

    [Fact]
    public async Task AnOwnerThatClosesEndsTheTransportOfTheOtherSide()
    {
        await using TestNode node = await TestNode.StartAsync();
        foreach (TransportKind kind in (TransportKind[])[TransportKind.Tcp, TransportKind.Tls])
        {
            var ended = new TaskCompletionSource<CloseReason>();
            await using IMediaTransport transport = await node.Address.OpenAsync(kind, TestNode.Trusting, (_, _) => { }, (_, reason) => ended.SetResult(reason), Cancel);
            transport.Send([0x80]);
            await Eventually.IsTrue(() => node.Seen.Keys.Any(c => c.Kind == kind), "the connection");

            node.Seen.Keys.Single(c => c.Kind == kind).Close(CloseReason.Revoked);

            Assert.NotEqual(CloseReason.ByOwner, await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
            await Eventually.IsTrue(() => node.Ended.Any(end => end.Connection.Kind == kind && end.Reason == CloseReason.Revoked), "the reason");
        }
    }

    [Fact]
    public async Task WhatIsNoWebSocketIsAnsweredAndNotCarried()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => TestNode.IsItsCertificate(certificate) };
        using var client = new HttpClient(handler);

        using HttpResponseMessage answer = await client.GetAsync(new UriBuilder(node.Address.WebSocket!) { Scheme = "https" }.Uri, Cancel);

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal(0, node.Connections.Count);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, 0, 1)]
    [InlineData(AddressFamily.InterNetworkV6, 41, 67)]
    public void TheMarkForRoutersIsOnTheSocket(AddressFamily family, int level, int option)
    {
        Assert.SkipUnless(family == AddressFamily.InterNetwork || Socket.OSSupportsIPv6, "this machine lacks: IPv6");
        using var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);

        socket.Mark(Dscp.Ef);

        Span<byte> value = stackalloc byte[4];
        socket.GetRawSocketOption(level, option, value);
        Assert.Equal(46 << 2, value[0] | value[3]);
    }

    [Theory]
    [InlineData(TransportKind.Udp)]
    [InlineData(TransportKind.Tcp)]
    [InlineData(TransportKind.Tls)]
    public async Task SendingAllocatesNothing(TransportKind kind)
    {
        await using TestNode node = await TestNode.StartAsync();
        await using IMediaTransport transport = await OpenAsync(node, kind, TestNode.Trusting);
        byte[] packet = [0x80, .. new byte[1_199]];
        for (int i = 0; i < 100; i++)
            transport.Send(packet);

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 2_000; i++)
                transport.Send(packet);
        });

        Assert.Equal(0, allocated);
    }

    internal static Task<IMediaTransport> OpenAsync(TestNode node, TransportKind kind, TransportSettings settings, DatagramHandler? received = null) =>
        node.Address.OpenAsync(kind, settings, received ?? ((_, _) => { }), (_, _) => { }, Cancel);

    private static async Task<Socket> ConnectAsync(TestNode node, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync("127.0.0.1", node.Address.TcpPort, Cancel);
        return socket;
    }
}
