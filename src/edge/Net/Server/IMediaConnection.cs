using System.Net;

namespace RoomAgent.Net;

/// <summary>A stream that came in at the media node, over TCP or a WebSocket, and carries datagrams.</summary>
public interface IMediaConnection
{
    /// <summary><see cref="TransportKind.Tcp"/> or <see cref="TransportKind.Tls"/>.</summary>
    TransportKind Kind { get; }

    /// <summary>From where it came.</summary>
    IPEndPoint Remote { get; }

    /// <summary>What went through.</summary>
    TransportCounters Counters { get; }

    /// <summary>Sends a datagram. Never blocks: a slow receiver loses its own packets and holds nobody back. Any thread may call.</summary>
    /// <returns><see langword="false"/> when it was dropped.</returns>
    bool Send(ReadOnlySpan<byte> datagram);

    /// <summary>The owner knows who it is: it may stay as long as it is not idle. Until then its time is short.</summary>
    void Admit();

    /// <summary>Ends it at once; what waits is not sent.</summary>
    void Close(CloseReason reason);
}

/// <summary>Who owns the connections: the media node.</summary>
public interface IMediaConnectionHandler
{
    /// <summary>A datagram came. One call at a time for each connection; different ones at once. It must not block.</summary>
    /// <param name="connection">Over which connection.</param>
    /// <param name="datagram">Its bytes, valid until this returns.</param>
    void Received(IMediaConnection connection, ReadOnlySpan<byte> datagram);

    /// <summary>A connection ended; called once, after the last datagram.</summary>
    void Closed(IMediaConnection connection, CloseReason reason);
}
