using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using RoomAgent.Stun;

namespace RoomAgent.Net.Tests;

/// <summary>A media node on the loopback that answers STUN, gives media back, and can be deaf on any transport.</summary>
internal sealed class TestNode : IMediaConnectionHandler, IAsyncDisposable
{
    private static readonly X509Certificate2 s_certificate = NewCertificate();

    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _loops = [];
    private readonly Lock _gate = new();
    private TcpMediaListener? _listener;
    private WebApplication? _web;

    private TestNode(MediaConnectionSettings? settings) => Connections = new MediaConnections(settings ?? new MediaConnectionSettings(), this);

    internal static TransportSettings Trusting { get; } = new() { TrustAnchors = [s_certificate] };

    internal MediaConnections Connections { get; }

    internal MediaNodeAddress Address { get; private set; } = null!;

    internal ConcurrentDictionary<TransportKind, bool> Deaf { get; } = new();

    internal ConcurrentQueue<(IMediaConnection Connection, CloseReason Reason)> Ended { get; } = new();

    internal ConcurrentDictionary<IMediaConnection, int> Seen { get; } = new();

    /// <summary>The remote ends that media came from.</summary>
    internal ConcurrentDictionary<EndPoint, int> Sources { get; } = new();

    internal bool Admits { get; set; } = true;

    internal bool Echoes { get; set; } = true;

    /// <summary>Answers STUN; one that knows credentials can be put in its place.</summary>
    internal BindingServer Server { get; set; } = new();

    internal static bool IsItsCertificate(X509Certificate? certificate) => s_certificate.Equals(certificate);

    internal static async Task<TestNode> StartAsync(MediaConnectionSettings? settings = null, string host = "127.0.0.1")
    {
        var node = new TestNode(settings);
        IPAddress address = IPAddress.Parse(host);
        int udp = node.ListenUdp(address, TransportKind.Udp);
        int alternative = node.ListenUdp(address, TransportKind.UdpAlternative);
        node._listener = TcpMediaListener.Start(new IPEndPoint(address, 0), node.Connections);

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 0, listen => listen.UseHttps(s_certificate)));
        node._web = builder.Build();
        node._web.UseWebSockets();
        node._web.MapMedia("/media", node.Connections);
        await node._web.StartAsync();
        int tls = new Uri(node._web.Urls.Single()).Port;

        node.Address = new MediaNodeAddress(host, new Uri($"wss://{host}:{tls}/media"), udp, alternative, node._listener.Local.Port);
        return node;
    }

    public void Received(IMediaConnection connection, ReadOnlySpan<byte> datagram)
    {
        Seen.AddOrUpdate(connection, 1, (_, count) => count + 1);
        if (Admits)
            connection.Admit();
        if (Deaf.ContainsKey(connection.Kind))
            return;

        if (Demultiplexer.KindOf(datagram) == DatagramKind.Media)
        {
            Sources[connection.Remote] = 1;
            if (Echoes)
                connection.Send(datagram);
            return;
        }

        Span<byte> answer = stackalloc byte[BindingServer.LargestAnswer];
        connection.Send(answer[..Answer(datagram, connection.Remote, answer)]);
    }

    public void Closed(IMediaConnection connection, CloseReason reason) => Ended.Enqueue((connection, reason));

    public async ValueTask DisposeAsync()
    {
        foreach (Socket socket in _sockets)
            socket.Dispose();
        await Task.WhenAll(_loops);
        await _listener!.DisposeAsync();
        await Connections.DisposeAsync();
        await _web!.DisposeAsync();
    }

    private int ListenUdp(IPAddress address, TransportKind kind)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        _sockets.Add(socket);
        _loops.Add(Task.Run(() => ServeUdpAsync(socket, kind)));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task ServeUdpAsync(Socket socket, TransportKind kind)
    {
        byte[] buffer = new byte[2_048];
        byte[] answer = new byte[BindingServer.LargestAnswer];
        try
        {
            while (true)
            {
                SocketReceiveFromResult result = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                ReadOnlyMemory<byte> datagram = buffer.AsMemory(0, result.ReceivedBytes);
                if (Deaf.ContainsKey(kind))
                    continue;

                if (Demultiplexer.KindOf(datagram.Span) == DatagramKind.Media)
                {
                    Sources[result.RemoteEndPoint] = 1;
                    await socket.SendToAsync(datagram, result.RemoteEndPoint);
                }
                else if (Answer(datagram.Span, (IPEndPoint)result.RemoteEndPoint, answer) is > 0 and var length)
                {
                    await socket.SendToAsync(answer.AsMemory(0, length), result.RemoteEndPoint);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private int Answer(ReadOnlySpan<byte> datagram, IPEndPoint source, Span<byte> answer)
    {
        Span<byte> address = stackalloc byte[16];
        source.Address.TryWriteBytes(address, out int length);
        lock (_gate)
        {
            Server.Answer(datagram, new StunAddress(address[..length], (ushort)source.Port), answer, out length, out _);
            return length;
        }
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        for (byte i = 1; i < 10; i++)
            names.AddIpAddress(new IPAddress([127, 0, 0, i]));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

/// <summary>Waits for what happens on other threads, and not for ever.</summary>
internal static class Eventually
{
    internal static async Task IsTrue(Func<bool> condition, string what)
    {
        for (int i = 0; i < 6_000; i++)
        {
            if (condition())
                return;
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"Waited in vain: {what}.");
    }
}
