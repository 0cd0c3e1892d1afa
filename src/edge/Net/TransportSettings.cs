using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Net;

/// <summary>How routers on the way shall treat packets (RFC 2474; the values for media are those of RFC 8837).</summary>
public enum Dscp
{
    /// <summary>As everything else.</summary>
    BestEffort = 0,

    /// <summary>AF41: interactive video, and audio beside it in one flow.</summary>
    Af41 = 34,

    /// <summary>EF: audio.</summary>
    Ef = 46,
}

/// <summary>What all transports of a path have in common.</summary>
public sealed record TransportSettings
{
    /// <summary>SO_RCVBUF of UDP, in bytes; key frames come in bursts.</summary>
    public int UdpReceiveBuffer { get; init; } = 1 << 20;

    /// <summary>SO_SNDBUF of UDP, in bytes.</summary>
    public int UdpSendBuffer { get; init; } = 1 << 19;

    /// <summary>SO_SNDBUF of TCP, in bytes: what waits here is late already.</summary>
    public int StreamSendBuffer { get; init; } = 64 * 1024;

    /// <summary>Bytes that may wait for a stream before its packets are dropped.</summary>
    public int StreamQueue { get; init; } = 64 * 1024;

    /// <summary>The longest datagram, in bytes. Longer ones from the other side are skipped.</summary>
    public int LargestDatagram { get; init; } = 2_048;

    /// <summary>The mark of outgoing packets.</summary>
    public Dscp Dscp { get; init; } = Dscp.Af41;

    /// <summary>The proxy of <see cref="TransportKind.Tls"/>, and of no other (requirement G19).</summary>
    public MediaProxy? Proxy { get; init; }

    /// <summary>The anchors that the node's TLS certificate must lead to; <see langword="null"/> for those of the system.</summary>
    public X509Certificate2Collection? TrustAnchors { get; init; }

    /// <summary>Judges the node's TLS certificate in place of <see cref="TrustAnchors"/>.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }
}

/// <summary>Where a media node can be reached. Every port is a setting.</summary>
/// <param name="Host">Name or address for UDP and TCP.</param>
/// <param name="WebSocket"><c>wss://host:443/media</c>; <see langword="null"/> when it has none.</param>
/// <param name="UdpPort">0 for none.</param>
/// <param name="AlternativeUdpPort">0 for none.</param>
/// <param name="TcpPort">0 for none.</param>
public sealed record MediaNodeAddress(string Host, Uri? WebSocket, int UdpPort = 5004, int AlternativeUdpPort = 9000, int TcpPort = 5004)
{
    /// <summary>The transports that it offers, best first.</summary>
    public IReadOnlyList<TransportKind> Kinds =>
        [.. Enum.GetValues<TransportKind>().Where(kind => kind == TransportKind.Tls ? WebSocket is not null : PortOf(kind) != 0)];

    internal int PortOf(TransportKind kind) => kind switch
    {
        TransportKind.Udp => UdpPort,
        TransportKind.UdpAlternative => AlternativeUdpPort,
        TransportKind.Tcp => TcpPort,
        _ => WebSocket?.Port ?? 0,
    };

    /// <summary>Opens a transport to the node.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="settings">How.</param>
    /// <param name="received">Takes what comes.</param>
    /// <param name="closed">Learns of the end.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TransportException">It cannot be opened.</exception>
    public async Task<IMediaTransport> OpenAsync(
        TransportKind kind, TransportSettings settings, DatagramHandler received, ClosedHandler closed, CancellationToken cancel) => kind switch
    {
        TransportKind.Udp or TransportKind.UdpAlternative => await UdpTransport.OpenAsync(kind, Host, PortOf(kind), settings, received, closed, cancel).ConfigureAwait(false),
        TransportKind.Tcp => await TcpTransport.OpenAsync(Host, TcpPort, settings, received, closed, cancel).ConfigureAwait(false),
        _ when WebSocket is not null => await WebSocketTransport.OpenAsync(WebSocket, settings, received, closed, cancel).ConfigureAwait(false),
        _ => throw new TransportException("The node has no WebSocket."),
    };
}

/// <summary>A transport cannot be opened.</summary>
public sealed class TransportException : IOException
{
    /// <summary>Without a reason.</summary>
    public TransportException()
    {
    }

    /// <summary>With a reason.</summary>
    public TransportException(string message)
        : base(message)
    {
    }

    /// <summary>With a reason and what caused it.</summary>
    public TransportException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
