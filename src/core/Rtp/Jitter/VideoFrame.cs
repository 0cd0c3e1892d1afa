using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What the header of a video packet, or of the payload format, says about its frame.</summary>
/// <param name="Starts">Whether it is the first packet of its frame.</param>
/// <param name="Ends">Whether it is the last packet of its frame.</param>
/// <param name="KeyFrame">Whether the frame is a key frame; <see langword="null"/> when only its sealed content could tell. It counts on the first packet.</param>
/// <param name="Repaired">Whether it is a retransmission; those say nothing about the network's delays.</param>
public readonly record struct VideoPacket(bool Starts, bool Ends, bool? KeyFrame = null, bool Repaired = false);

/// <summary>A whole frame: consecutive packets with one timestamp, from one that starts to one that ends.</summary>
public readonly record struct VideoFrame
{
    /// <summary>The media time.</summary>
    public RtpTimestamp Timestamp { get; init; }

    /// <summary>How many packets it came in: one at least.</summary>
    public int Packets { get; init; }

    /// <summary>Bytes of all payloads together.</summary>
    public int Length { get; init; }

    /// <summary>Whether it is a key frame; <see langword="null"/> when only its sealed content could tell.</summary>
    public bool? KeyFrame { get; init; }

    /// <summary>Whether frames before it are missing, so that it can be decoded only if it is a key frame.</summary>
    public bool AfterLoss { get; init; }

    /// <summary>The number of its first packet: a key frame there makes missing packets before it useless.</summary>
    public SequenceNumber First => new((ushort)Start);

    internal long Start { get; init; }

    internal long Media { get; init; }

    internal Instant Arrival { get; init; }

    internal bool Repaired { get; init; }
}
