namespace RoomAgent.Hub.Meetings;

/// <summary>One client's place at a desk, on this hub or another.</summary>
internal interface ISeat
{
    /// <summary>Says something to the desk. Completes when the desk, or the way to it, has taken it.</summary>
    ValueTask SayAsync(ReadOnlyMemory<byte> message);

    /// <summary>Offers a leg of media.</summary>
    /// <param name="offer">SDP; the caller zeroes it.</param>
    Task<OfferReply> OfferAsync(ReadOnlyMemory<byte> offer);

    /// <summary>Gives the place up.</summary>
    /// <param name="leaves">Whether its owner leaves the meeting, instead of being lost.</param>
    void Exit(bool leaves);
}

/// <summary>Whoever holds a seat. It is called from the desk's loop: it returns at once and does not throw.</summary>
internal interface ISeatOwner
{
    /// <summary>The desk says something. Messages keep their order.</summary>
    /// <param name="message">A <see cref="RoomAgent.Meetings.ServiceMessage"/>; others get the same bytes, so nobody changes them.</param>
    void Hear(byte[] message);

    /// <summary>The leg of media is to be offered anew.</summary>
    void OfferAgain();

    /// <summary>The seat is gone.</summary>
    void Ended(SeatEnd why);
}

/// <summary>What became of an offer.</summary>
/// <param name="Answer">SDP with the keys of this hop; <see langword="null"/> when it was refused. On its way it passes through buffers of the server, which nobody zeroes.</param>
/// <param name="Refusal">Why, for a log at the client.</param>
internal sealed record OfferReply(byte[]? Answer, string? Refusal);
