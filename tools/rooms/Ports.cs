using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Rooms;

/// <summary>Ports that nobody has. Somebody else may take one before it is used; then the program that wanted it says so.</summary>
internal static class Ports
{
    /// <summary>For HTTP.</summary>
    public static int FreeTcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>For media.</summary>
    public static int FreeUdp()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
