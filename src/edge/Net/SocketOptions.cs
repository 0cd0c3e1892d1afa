using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net;

/// <summary>What is set on every socket of media.</summary>
internal static class SocketOptions
{
    private const int Ipv6Level = 41;
    private const int Ipv6TrafficClass = 67;

    internal static void Mark(this Socket socket, Dscp dscp)
    {
        // The two low bits of the field are those of congestion notification.
        int field = (int)dscp << 2;
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, field);
            return;
        }

        if (!OperatingSystem.IsLinux())
            return;

        Span<byte> value = stackalloc byte[4];
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.WriteInt32LittleEndian(value, field);
        else
            BinaryPrimitives.WriteInt32BigEndian(value, field);
        socket.SetRawSocketOption(Ipv6Level, Ipv6TrafficClass, value);
    }

    /// <summary>Connects TCP to the first of a name's addresses that answers.</summary>
    internal static async Task<Socket> ConnectAsync(string host, int port, TransportSettings settings, CancellationToken cancel)
    {
        SocketException? last = null;
        foreach (IPAddress address in await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.NoDelay = true;
                socket.SendBufferSize = settings.StreamSendBuffer;
                socket.Mark(settings.Dscp);
                await socket.ConnectAsync(new IPEndPoint(address, port), cancel).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException e)
            {
                last = e;
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }
}
