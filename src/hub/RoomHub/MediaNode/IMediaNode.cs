using RoomAgent.Crypto;

namespace RoomAgent.Hub.MediaNode;

/// <summary>What the hub asks of a media node. A node in the hub's own process answers directly; one that runs alone, by a message.</summary>
public interface IMediaNode
{
    /// <summary>Answers an offer (RFC 3264), and makes the leg. A leg of the same name is cut off first: a new offer brings new keys.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="conference">The meeting it belongs to.</param>
    /// <param name="offer">SDP with the keys of what the leg sends (RFC 4568). The caller zeroes it.</param>
    Task<OfferResult> OfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer);

    /// <summary>Lets a leg live for another lease, and says whether it wants a new offer.</summary>
    Task<Renewal> RenewAsync(LegId leg);

    /// <summary>Cuts a leg off. When this completes, nothing more comes from it or goes to it, and its keys are gone.</summary>
    /// <returns><see langword="false"/> when there was none.</returns>
    Task<bool> RevokeAsync(LegId leg);

    /// <summary>How much the node has to do.</summary>
    NodeLoad Load { get; }
}

/// <summary>What became of a leg's lease.</summary>
public enum Renewal
{
    /// <summary>There is no such leg: it expired, or the node began anew.</summary>
    Unknown,

    /// <summary>It lives for another lease.</summary>
    Renewed,

    /// <summary>
    /// It lives for another lease, but what the key of what it gets may protect is nearly used up: newcomers would not reach it. Time for a new offer.
    /// </summary>
    NeedsNewKeys,
}

/// <summary>What became of an offer.</summary>
/// <param name="Answer">SDP with the keys of what the leg gets, the sources that the node gave out, and the doors of the node in their order. The caller disposes of it. <see langword="null"/> when the offer was refused.</param>
/// <param name="Refusal">Why, for a log and for whoever offered; <see langword="null"/> when it was answered.</param>
public sealed record OfferResult(Secret? Answer, string? Refusal);

/// <summary>How much a media node has to do.</summary>
/// <param name="Legs">Legs now.</param>
/// <param name="MostLegs">Legs it takes.</param>
/// <param name="Connections">TCP connections and WebSockets now.</param>
/// <param name="Loops">Its loops.</param>
public sealed record NodeLoad(int Legs, int MostLegs, int Connections, IReadOnlyList<ShardLoad> Loops)
{
    /// <summary>The part of the last second in which the busiest loop worked: 0 to 1. Near 1 it delays packets.</summary>
    public double Busy => Loops.Max(loop => loop.Busy);
}
