using System.Net;
using RoomAgent.Net;

namespace RoomHub.Tests.Routing;

/// <summary>A connection to the node that sends nothing anywhere.</summary>
internal sealed class Connection : IMediaConnection
{
    public bool IsAdmitted { get; private set; }

    public CloseReason? Closed { get; private set; }

    public TransportKind Kind => TransportKind.Tcp;

    public IPEndPoint Remote { get; } = new(IPAddress.Loopback, 1);

    public TransportCounters Counters => default;

    public bool Send(ReadOnlySpan<byte> datagram) => true;

    public void Admit() => IsAdmitted = true;

    public void Close(CloseReason reason) => Closed ??= reason;
}
