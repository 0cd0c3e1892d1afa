using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Cloud.Tests;

/// <summary>Names, and the ports of this machine behind them.</summary>
internal sealed class Network
{
    private readonly Dictionary<string, Func<int>> _ports = [];

    public bool IsDown { get; set; }

    /// <summary>Connections that were asked for.</summary>
    public int Connections { get; private set; }

    public Func<int> this[string host]
    {
        set => _ports[host] = value;
    }

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        Connections++;
        if (IsDown || !_ports.TryGetValue(context.DnsEndPoint.Host, out Func<int>? port))
            throw new SocketException((int)SocketError.HostUnreachable);

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port()), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
