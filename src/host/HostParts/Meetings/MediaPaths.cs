using System.Net.Security;
using RoomAgent.Agent.Ports;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Net;
using RoomAgent.Rtp;

namespace RoomAgent.Host.Meetings;

/// <summary>Opens the ways of <see cref="MediaPath"/> for the room's meetings.</summary>
/// <param name="isHub">Whether a TLS certificate is the hub's: its node is at its address.</param>
/// <param name="proxy">The proxy on the way; <see langword="null"/> for none.</param>
/// <param name="clock">The machine's clock.</param>
internal sealed class MediaPaths(RemoteCertificateValidationCallback isHub, MediaProxy? proxy, TimeProvider clock) : IMediaPaths
{
    public IOpenMediaWay Open(IReadOnlyList<TransportAddress> transports, DatagramTaker receive, Action<string> changed)
    {
        MediaNodeAddress node = AddressOf(transports);
        var settings = new MediaPathSettings { Node = node, Transport = new TransportSettings { Proxy = proxy, CertificateValidation = isHub } };
        return new Way(new MediaPath(settings, OpenSslRandom.Instance, datagram => receive(datagram), change => changed(Describe(change.Kind, node)), known: null, clock));
    }

    // The node's doors in its order: the first two of UDP, one of TCP, one of WebSockets.
    private static MediaNodeAddress AddressOf(IReadOnlyList<TransportAddress> transports)
    {
        TransportAddress[] udp = [.. transports.Where(door => door.Transport == MediaTransport.Udp).Take(2)];
        TransportAddress? tcp = transports.FirstOrDefault(door => door.Transport == MediaTransport.Tcp);
        TransportAddress? wss = transports.FirstOrDefault(door => door.Transport == MediaTransport.Wss);
        Uri? webSocket = wss is null ? null : new UriBuilder(wss.Host) { Scheme = Uri.UriSchemeWss }.Uri;
        string host = udp.FirstOrDefault()?.Host ?? tcp?.Host ?? webSocket?.Host ?? "";
        return new MediaNodeAddress(host, webSocket, udp.ElementAtOrDefault(0)?.Port ?? 0, udp.ElementAtOrDefault(1)?.Port ?? 0, tcp?.Port ?? 0);
    }

    private static string Describe(TransportKind? kind, MediaNodeAddress node) => kind switch
    {
        TransportKind.Udp => $"UDP {node.UdpPort}",
        TransportKind.UdpAlternative => $"UDP {node.AlternativeUdpPort}",
        TransportKind.Tcp => $"TCP {node.TcpPort}",
        TransportKind.Tls => $"TLS {node.WebSocket?.Port}",
        _ => "",
    };

    private sealed class Way(MediaPath path) : IOpenMediaWay
    {
        public bool Send(ReadOnlySpan<byte> datagram) => path.Send(datagram);

        public void HandleUnheard(TimeSpan unheard) => path.HandleUnheard(unheard);

        public ValueTask DisposeAsync() => path.DisposeAsync();
    }
}
