using RoomAgent.Native.Linux;
using RoomAgent.Net;

namespace RoomAgent.Hub.MediaNode;

/// <summary>The way a leg's packets take: a UDP socket of the node and an address beyond it, or a connection. Answers go back the same way, so that it is one symmetric five-tuple.</summary>
/// <param name="Connection">A TCP connection or a WebSocket; <see langword="null"/> for UDP.</param>
/// <param name="Socket">For UDP: which of the node's sockets, by its place in the shard.</param>
/// <param name="Address">For UDP: the other end.</param>
internal readonly record struct Flow(IMediaConnection? Connection, int Socket, UdpAddress Address)
{
    public static Flow Over(IMediaConnection connection) => new(connection, 0, default);

    /// <summary>
    /// Whether what is sent to the other end reaches it for sure: a connection shows that by itself, and of datagrams, one to the address of
    /// <paramref name="proven"/>, since a NAT may take another port for it.
    /// </summary>
    public bool IsProvenBy(in Flow proven) => Connection is not null || (proven.Connection is null && Address.IsSameHost(proven.Address));

    public static Flow Udp(int socket, in UdpAddress address) => new(null, socket, address);
}

/// <summary>Where a router puts the packets it makes. The shard sends them in batches; a simulated network takes them one by one.</summary>
internal interface IOutput
{
    /// <summary>Room for one packet: 2,048 bytes, valid until <see cref="Commit"/> or the next call.</summary>
    Span<byte> Reserve(in Flow flow);

    /// <summary>Sends the first <paramref name="length"/> bytes of the room last reserved.</summary>
    void Commit(in Flow flow, int length);
}
