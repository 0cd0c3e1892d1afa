namespace RoomAgent.Rtp.Srtp;

/// <summary>What became of a packet that came in.</summary>
public enum SrtpOutcome
{
    /// <summary>It is authentic, new and in the clear.</summary>
    Opened,

    /// <summary>It is too short for what it claims to be, or no RTCP of version 2.</summary>
    Malformed,

    /// <summary>An RTCP packet without the E flag, which would lie open to all on the path.</summary>
    Unencrypted,

    /// <summary>A packet with its index was opened before, or it is too old to tell.</summary>
    Replayed,

    /// <summary>The holder of the key did not make it, or somebody changed it.</summary>
    Unauthenticated,

    /// <summary>It is authentic, but from one source more than there is room for. New keys bring new room.</summary>
    TooManySources,

    /// <summary>Its index is beyond what one key may be used for.</summary>
    KeyUsedUp,
}
