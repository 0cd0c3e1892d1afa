using RoomAgent.Crypto;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;

namespace RoomAgent.Agent.Media;

/// <summary>What an offer and its answer agreed on: the leg between this room and a media node.</summary>
public sealed record MediaPlan
{
    /// <summary>What protects the hop.</summary>
    public required SrtpProfile Profile { get; init; }

    /// <summary>Key and salt of what we send. The session copies what it needs; the plan's owner disposes of it.</summary>
    public required Secret SendKey { get; init; }

    /// <summary>Key and salt of what we receive. Likewise.</summary>
    public required Secret ReceiveKey { get; init; }

    /// <summary>The source of our RTCP.</summary>
    public required Ssrc Control { get; init; }

    /// <summary>What we send.</summary>
    public required IReadOnlyList<TrackPlan> Tracks { get; init; }

    /// <summary>Which payload types are what, for what we receive.</summary>
    public required PayloadTypes PayloadTypes { get; init; }

    /// <summary>The numbers of the header extensions.</summary>
    public required ExtensionNumbers Extensions { get; init; }

    /// <summary>Whether each packet holds a ciphertext of its own (T=1); otherwise a frame is sealed whole.</summary>
    public bool SealsPackets { get; init; }

    /// <summary>Whether the transport loses nothing and waits instead: TCP, TLS.</summary>
    public bool IsStream { get; init; }
}

/// <summary>One stream that we send.</summary>
/// <param name="Context">What it is for.</param>
/// <param name="Ssrc">Its source, which the node gave out.</param>
/// <param name="PayloadType">Of its packets.</param>
/// <param name="RetransmissionType">Of packets that are sent again (RFC 4588).</param>
public sealed record TrackPlan(FrameContext Context, Ssrc Ssrc, byte PayloadType, byte RetransmissionType);

/// <summary>The payload types of a session (RFC 3551 section 6, dynamic).</summary>
/// <param name="Audio">Sealed Opus.</param>
/// <param name="Video">Sealed video.</param>
/// <param name="Retransmission">Video that is sent again.</param>
public sealed record PayloadTypes(byte Audio, byte Video, byte Retransmission);

/// <summary>The numbers of the header extensions (RFC 8285): 1 to 14.</summary>
/// <param name="AudioLevel">RFC 6464.</param>
/// <param name="AbsCaptureTime">abs-capture-time.</param>
/// <param name="TransportSequence">The number within the whole transport.</param>
public sealed record ExtensionNumbers(int AudioLevel, int AbsCaptureTime, int TransportSequence);
