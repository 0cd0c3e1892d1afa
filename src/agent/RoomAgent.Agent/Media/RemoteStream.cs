using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>One stream that we receive: what is missing of it, and what waits to be shown or played.</summary>
public sealed class RemoteStream
{
    // Opus repairs what is lost (RFC 6716 section 2.1.7): nothing of it is asked for again, nor waited for.
    private static readonly DelayProfile s_datagrams = DelayProfile.AudioOverUdp with { LongestRepair = TimeSpan.Zero };
    private static readonly TimeSpan s_opusFrame = TimeSpan.FromMilliseconds(20);

    // -dBov of a voice that is to be heard; what is quieter is the room around it.
    internal const byte Loud = 50;

    internal RemoteStream(Ssrc ssrc, bool isVideo, bool isStream, MediaSettings settings)
    {
        Ssrc = ssrc;
        IsVideo = isVideo;
        Reception = new ReceptionStatistics(isVideo ? 90_000 : 48_000);
        Clock = new StreamClock(isVideo ? 90_000 : 48_000);
        if (isVideo)
        {
            Missing = isStream ? null : new NackGenerator();
            Pictures = new VideoJitterBuffer(isStream ? DelayProfile.VideoOverStream : DelayProfile.VideoOverUdp, packets: 1_024, largestPayload: settings.LargestDatagram);
        }
        else
        {
            Voice = new AudioJitterBuffer(isStream ? DelayProfile.AudioOverStream : s_datagrams, frameDuration: s_opusFrame, packets: 128, largestPayload: settings.LargestDatagram);
        }
    }

    /// <summary>Its source.</summary>
    public Ssrc Ssrc { get; }

    /// <summary>Pictures, or else sound.</summary>
    public bool IsVideo { get; }

    /// <summary>Whose it is and what for, in the newest epoch, by what could be opened; null before that. Another sender's frames are refused.</summary>
    public KeyId? Sender { get; internal set; }

    /// <summary>Counts what arrives.</summary>
    public ReceptionStatistics Reception { get; }

    /// <summary>The sound, opened; null for pictures.</summary>
    internal AudioJitterBuffer? Voice { get; }

    /// <summary>The pictures, still sealed; null for sound.</summary>
    internal VideoJitterBuffer? Pictures { get; }

    /// <summary>What is missing and asked for again; null for sound, which Opus repairs, and on a transport that loses nothing.</summary>
    internal NackGenerator? Missing { get; }

    /// <summary>What its timestamps mean on the sender's clock.</summary>
    internal StreamClock Clock { get; }

    internal Instant LastHeard { get; set; }

    /// <summary>When it was last as loud as somebody who speaks, by what the sender says (RFC 6464); long ago before that.</summary>
    public Instant LastLoud { get; internal set; } = new(long.MinValue / 2);

    /// <summary>What the jitter buffer did.</summary>
    public JitterCounters Jitter => Pictures?.Counters ?? Voice!.Counters;

    internal void HandleRoundTrip(TimeSpan roundTrip)
    {
        Missing?.HandleRoundTrip(roundTrip);

        // What was lost before the node takes as long again until it is here.
        Pictures?.HandleRoundTrip(roundTrip * 2);
        Voice?.HandleRoundTrip(roundTrip * 2);
    }
}
