using System.Net;
using System.Net.Sockets;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>The hub as one client sees it: one name, behind which are one or several hubs. From an address of the client's own, so that limits are its own.</summary>
public sealed class TestHub : IDeviceHub, IDisposable
{
    public const string PersonHeader = "Test-Person";
    public const string SourceHeader = "Test-Source";

    private static int s_sources;

    private readonly IPAddress _source = new([127, 0, (byte)((Interlocked.Increment(ref s_sources) / 250) + 1), (byte)((s_sources % 250) + 1)]);

    public TestHub(HubAddress address, params IPEndPoint[] doors)
    {
        Address = address;
        Doors = doors;
        Http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            // None is kept for later, which may go to another hub.
            PooledConnectionLifetime = TimeSpan.Zero,
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null },
            ConnectCallback = async (_, cancel) => new NetworkStream(await ConnectAsync(cancel), ownsSocket: true),
        })
        {
            BaseAddress = new Uri(address.Url),
        };
    }

    public HubAddress Address { get; }

    /// <summary>The hubs, in the order in which they are tried.</summary>
    public IPEndPoint[] Doors { get; set; }

    public HttpClient Http { get; }

    public TimeProvider Clock { get; } = TimeProvider.System;

    public void Dispose() => Http.Dispose();

    private async Task<Socket> ConnectAsync(CancellationToken cancel)
    {
        SocketException? last = null;
        foreach (IPEndPoint door in Doors)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(_source, 0));
                await socket.ConnectAsync(door, cancel);
                return socket;
            }
            catch (SocketException problem)
            {
                socket.Dispose();
                last = problem;
            }
        }

        throw last!;
    }
}
