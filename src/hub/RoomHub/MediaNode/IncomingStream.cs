using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>One stream as it comes from its sender: what is missing, what is remembered for those who missed it, and who gets it.</summary>
internal sealed class IncomingStream(Leg leg, StreamPlan plan, Ssrc ssrc)
{
    // How much is sent again is for each leg to be limited: none takes from the others.
    private static readonly RetransmissionSettings s_remembered = new() { Packets = 1_024, Bytes = 768 * 1_024, BitRate = int.MaxValue };
    private static readonly NackSettings s_asked = new() { Tries = 5 };
    private static readonly TimeSpan s_measured = TimeSpan.FromMilliseconds(500);

    private long _bytes;
    private Instant _bytesSince;

    public Leg Leg { get; } = leg;

    public StreamPlan Plan { get; } = plan;

    public StreamKind Kind => Plan.Kind;

    public Ssrc Ssrc { get; } = ssrc;

    public Ssrc RetransmissionSsrc { get; } = ssrc.Retransmission;

    public bool IsVideo => Kind is StreamKind.Camera or StreamKind.Content;

    public List<OutgoingStream> Outlets { get; } = [];

    public ReceptionStatistics Reception { get; } = new(plan.Kind is StreamKind.Camera or StreamKind.Content ? 90_000 : 48_000);

    /// <summary>What of a picture is missing; a voice is not asked for again, Opus repairs it (RFC 6716 section 2.1.7).</summary>
    public NackGenerator? Missing { get; } = plan.Kind is StreamKind.Camera or StreamKind.Content ? new NackGenerator(s_asked) : null;

    public RetransmissionBuffer? Remembered { get; } = plan.Kind is StreamKind.Camera or StreamKind.Content ? new RetransmissionBuffer(s_remembered) : null;

    /// <summary>The last report of the sender: which moment of its clock its media clock meant.</summary>
    public SenderInfo? Report { get; set; }

    /// <summary>Bits a second of the payload, over the last half second.</summary>
    public double BitRate { get; private set; }

    /// <summary>For voices: whether it is among those that are forwarded.</summary>
    public bool IsAudible { get; set; } = true;

    /// <summary>For voices: by which they are ranked.</summary>
    public double Loudness { get; set; }

    /// <summary>Somebody can do nothing without a key frame.</summary>
    public bool KeyFrameWanted { get; set; }

    public Instant KeyFrameAsked { get; set; } = new(long.MinValue);

    /// <summary>Counts a payload; and 0 bytes now and then, so that a stream that has ended takes no part of anyone's budget.</summary>
    public void Measure(int payload, Instant now)
    {
        _bytes += payload;
        TimeSpan elapsed = now - _bytesSince;
        if (elapsed < s_measured)
            return;

        BitRate = elapsed < s_measured * 4 ? _bytes * 8 / elapsed.TotalSeconds : 0;
        _bytes = 0;
        _bytesSince = now;
    }
}
