using System.Net;

namespace RoomAgent.Net;

/// <summary>The ways of media, from the best to the last resort (requirement G07).</summary>
public enum TransportKind
{
    /// <summary>UDP to port 5004.</summary>
    Udp,

    /// <summary>UDP to port 9000.</summary>
    UdpAlternative,

    /// <summary>TCP to port 5004, framed by RFC 4571.</summary>
    Tcp,

    /// <summary>A binary WebSocket over TLS to port 443, framed by RFC 4571, through the proxy if there is one.</summary>
    Tls,
}

/// <summary>Why a transport or connection ended.</summary>
public enum CloseReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>Its owner closed it.</summary>
    ByOwner,

    /// <summary>The other side closed it.</summary>
    ByPeer,

    /// <summary>The network or the system reported an error.</summary>
    Failed,

    /// <summary>Its owner did not admit it in time.</summary>
    NotAdmitted,

    /// <summary>Nothing came for too long.</summary>
    Idle,

    /// <summary>The access of its owner was taken away.</summary>
    Revoked,
}

/// <summary>What went through a transport or connection.</summary>
/// <param name="Sent">Datagrams handed to the network or its queue.</param>
/// <param name="Received">Datagrams delivered.</param>
/// <param name="Dropped">Datagrams that were not sent, because a queue or buffer was full or the path gone.</param>
/// <param name="Oversized">Datagrams from the other side that were longer than allowed and skipped.</param>
public readonly record struct TransportCounters(long Sent, long Received, long Dropped, long Oversized);

/// <summary>Takes a datagram. The span is valid until it returns; it must not block, since the transport waits.</summary>
/// <param name="from">Which transport it came over.</param>
/// <param name="datagram">Its bytes.</param>
public delegate void DatagramHandler(IMediaTransport from, ReadOnlySpan<byte> datagram);

/// <summary>Learns that a transport has ended; called once.</summary>
public delegate void ClosedHandler(IMediaTransport transport, CloseReason reason);

/// <summary>Datagrams in and out over one five-tuple that was opened from here (requirements G09, G18).</summary>
/// <remarks>Disposing of it waits for its loop: not from one of its handlers.</remarks>
public interface IMediaTransport : IAsyncDisposable
{
    /// <summary>Which way it takes.</summary>
    TransportKind Kind { get; }

    /// <summary>The own end.</summary>
    EndPoint? Local { get; }

    /// <summary>The other end: the media node, or the proxy.</summary>
    EndPoint? Remote { get; }

    /// <summary>What went through.</summary>
    TransportCounters Counters { get; }

    /// <summary>Sends a datagram. Never blocks and never waits; any thread may call.</summary>
    /// <returns><see langword="false"/> when it was dropped: media wants the next packet rather than an old one.</returns>
    bool Send(ReadOnlySpan<byte> datagram);
}
