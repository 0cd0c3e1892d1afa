using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Media;

/// <summary>A picture that was received, opened, and is due.</summary>
public readonly ref struct ReceivedFrame
{
    /// <summary>The stream it came in.</summary>
    public required RemoteStream Stream { get; init; }

    /// <summary>Who sealed it and what for: a leaf of the group, as far as SFrame can tell (MEETING section 1).</summary>
    public required KeyId Sender { get; init; }

    /// <summary>Its media time, at 90 kHz.</summary>
    public RtpTimestamp Timestamp => Frame.Timestamp;

    /// <summary>The encoded frame, valid until the next call of the session.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Whether frames before it are missing, so that it can be decoded only if it is a key frame.</summary>
    public bool AfterLoss => Frame.AfterLoss;

    /// <summary>What to tell <see cref="MediaSession.HandleDecoded"/> with, once the decoder is done.</summary>
    public DecodeTicket Ticket => new(Stream, Frame);

    internal VideoFrame Frame { get; init; }
}

/// <summary>Names a received picture to its session, after the picture itself is gone.</summary>
public readonly struct DecodeTicket
{
    internal DecodeTicket(RemoteStream stream, VideoFrame frame) => (Stream, Frame) = (stream, frame);

    internal RemoteStream? Stream { get; }

    internal VideoFrame Frame { get; }
}
