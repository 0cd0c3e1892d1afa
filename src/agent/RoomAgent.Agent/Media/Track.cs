using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Media;

/// <summary>One stream that we send: its numbers, and what was sent lately.</summary>
internal sealed class Track(TrackPlan plan)
{
    public TrackPlan Plan { get; } = plan;

    public bool IsVideo => Plan.Context is FrameContext.Camera or FrameContext.ContentVideo;

    /// <summary>Low, so that the first roll-over is far away and the receiver sees it (RFC 3711 section 3.3.1). The node's other leg hides it from others.</summary>
    public SequenceNumber Next { get; set; } = new(1);

    public RetransmissionBuffer? Sent { get; } = plan.Context is FrameContext.Camera or FrameContext.ContentVideo ? new RetransmissionBuffer() : null;

    public RetransmissionStream Retransmissions { get; } = new(plan.Ssrc.Retransmission, plan.RetransmissionType, new SequenceNumber(1));

    public uint Packets { get; set; }

    public uint Bytes { get; set; }

    /// <summary>The media time of the last frame and when it was captured: what a sender report says.</summary>
    public (RtpTimestamp Timestamp, NtpTime Captured)? Last { get; set; }

    /// <summary>The highest number that the node has received, by its reports; null before the first.</summary>
    public uint? Heard { get; set; }

    /// <summary>The epoch of the key that sealed the last frame.</summary>
    public ulong? SealedIn { get; set; }

    public bool KeyFrameWanted { get; set; }
}
