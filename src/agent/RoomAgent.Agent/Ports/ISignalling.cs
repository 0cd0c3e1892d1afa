using System.Threading.Channels;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Ports;

/// <summary>
/// The connection to the hub for meetings: it comes back by itself, brings its owner to the desk of the meeting that it wants to be in, and carries messages
/// of any size in their order.
/// </summary>
public interface ISignalling : IAsyncDisposable
{
    /// <summary>What happens, in order. Complete when the access has ended or this was disposed of.</summary>
    ChannelReader<SignallingEvent> Events { get; }

    /// <summary>How it stands.</summary>
    SignallingState State { get; }

    /// <summary>Tells how it stands whenever that changes, on whatever thread. Listeners are quick.</summary>
    event Action<SignallingState>? Changed;

    /// <summary>Begins to connect, and to come back whenever the connection is lost.</summary>
    void Start();

    /// <summary>Wants to sit at the desk of a meeting, from now on and after every interruption. <see cref="SeatTaken"/> tells that it does.</summary>
    void Enter(ByteString meetingId, ByteString instance);

    /// <summary>Wants no seat any more. A member that leaves says so before.</summary>
    void Exit();

    /// <summary>Says something to the desk; nothing without a seat. Messages keep their order.</summary>
    Task SayAsync(ClientMessage message, CancellationToken cancel = default);

    /// <summary>Offers a leg of media for the meeting in which we sit.</summary>
    /// <param name="offer">SDP with keys; the caller zeroes it.</param>
    /// <param name="cancel">Gives up.</param>
    Task<MediaAnswer> OfferAsync(ReadOnlyMemory<byte> offer, CancellationToken cancel = default);
}
