using RoomAgent.Agent.Media;
using RoomAgent.Rtp;

namespace RoomAgent.Agent.Ports;

/// <summary>Opens ways for media to a node.</summary>
public interface IMediaPaths
{
    /// <summary>Opens a way, which looks for a transport by itself from then on.</summary>
    /// <param name="transports">The node's doors in its order, from its answer.</param>
    /// <param name="receive">Takes each datagram that comes; on any thread, does not block.</param>
    /// <param name="changed">Learns which transport is used now, such as <c>UDP 5004</c>; empty when none is. On any thread.</param>
    IOpenMediaWay Open(IReadOnlyList<TransportAddress> transports, DatagramTaker receive, Action<string> changed);
}

/// <summary>Takes a datagram, valid until it returns.</summary>
public delegate void DatagramTaker(ReadOnlySpan<byte> datagram);

/// <summary>A way for media that is open until it is disposed of.</summary>
public interface IOpenMediaWay : IMediaWay, IAsyncDisposable;
