namespace RoomAgent.Agent.Media;

/// <summary>What a media session counts, since its start.</summary>
public sealed class MediaCounters
{
    /// <summary>Packets sent, RTP and RTCP.</summary>
    public long Sent { get; internal set; }

    /// <summary>Pictures sealed and handed to the network.</summary>
    public long PicturesSent { get; internal set; }

    /// <summary>Packets of sound sealed and handed to the network.</summary>
    public long SoundsSent { get; internal set; }

    /// <summary>Packets received, of whatever kind.</summary>
    public long Received { get; internal set; }

    /// <summary>No RTP or RTCP, or cut off.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Not made with the hop's key, changed on the way, or seen before.</summary>
    public long NotOpened { get; internal set; }

    /// <summary>Packets of streams for which there was no place.</summary>
    public long NoPlace { get; internal set; }

    /// <summary>Frames, or packets sealed one by one, that were not of the sender or for the purpose of their stream.</summary>
    public long OtherSender { get; internal set; }

    /// <summary>Packets sent again because they were asked for.</summary>
    public long Resent { get; internal set; }

    /// <summary>Frames of ours that were refused because too much waited to be sent.</summary>
    public long Congested { get; internal set; }

    /// <summary>Frames of ours that were refused for want of a key.</summary>
    public long Unsealed { get; internal set; }

    /// <summary>Key frames that others asked us for.</summary>
    public long KeyFramesAsked { get; internal set; }
}
