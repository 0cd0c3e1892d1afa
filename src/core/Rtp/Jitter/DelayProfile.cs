namespace RoomAgent.Rtp.Jitter;

/// <summary>How long a jitter buffer may wait, which depends on the medium and on what carries it.</summary>
/// <remarks>
/// A datagram that is lost is gone and the next one comes in time. On TCP and TLS nothing is lost, but all waits for what the network lost,
/// so the delays have long tails: those profiles wait longer, cover more of the tail and expect no repairs.
/// </remarks>
public sealed record DelayProfile
{
    /// <summary>Audio in datagrams.</summary>
    public static DelayProfile AudioOverUdp { get; } = new()
    {
        Shortest = TimeSpan.FromMilliseconds(20), Start = TimeSpan.FromMilliseconds(40), Longest = TimeSpan.FromMilliseconds(400),
        Coverage = 0.97, Margin = TimeSpan.FromMilliseconds(10), LongestRepair = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>Audio on TCP or TLS.</summary>
    public static DelayProfile AudioOverStream { get; } = new()
    {
        Shortest = TimeSpan.FromMilliseconds(60), Start = TimeSpan.FromMilliseconds(120), Longest = TimeSpan.FromMilliseconds(1_500),
        Coverage = 0.995, Margin = TimeSpan.FromMilliseconds(20), LongestRepair = TimeSpan.Zero,
    };

    /// <summary>Video in datagrams.</summary>
    public static DelayProfile VideoOverUdp { get; } = new()
    {
        Shortest = TimeSpan.FromMilliseconds(10), Start = TimeSpan.FromMilliseconds(30), Longest = TimeSpan.FromMilliseconds(500),
        Coverage = 0.95, Margin = TimeSpan.FromMilliseconds(5), LongestRepair = TimeSpan.FromMilliseconds(300),
    };

    /// <summary>Video on TCP or TLS.</summary>
    public static DelayProfile VideoOverStream { get; } = new()
    {
        Shortest = TimeSpan.FromMilliseconds(40), Start = TimeSpan.FromMilliseconds(100), Longest = TimeSpan.FromMilliseconds(1_500),
        Coverage = 0.99, Margin = TimeSpan.FromMilliseconds(10), LongestRepair = TimeSpan.Zero,
    };

    /// <summary>The delay is never shorter.</summary>
    public required TimeSpan Shortest { get; init; }

    /// <summary>The delay before anything is known.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>The delay is never longer; at most 2 s.</summary>
    public required TimeSpan Longest { get; init; }

    /// <summary>The share of packets that shall come in time: above 0, below 1.</summary>
    public required double Coverage { get; init; }

    /// <summary>What is added to the delay of that share.</summary>
    public required TimeSpan Margin { get; init; }

    /// <summary>The longest wait for a packet that is sent again. When the network would take longer, none is waited for. Zero expects no repairs.</summary>
    public required TimeSpan LongestRepair { get; init; }
}

/// <summary>What a jitter buffer has done since it was made.</summary>
public record struct JitterCounters
{
    /// <summary>Audio packets or video frames given out.</summary>
    public long Played { get; internal set; }

    /// <summary>Packets that came after their place had been played or passed over.</summary>
    public long Late { get; internal set; }

    /// <summary>Packets whose place was passed over and which had not come by then.</summary>
    public long Lost { get; internal set; }

    /// <summary>Audio frames that had to be made up.</summary>
    public long Concealed { get; internal set; }

    /// <summary>Packets that came twice.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Audio packets or video frames that came and were not given out: for being behind, or for want of a key frame.</summary>
    public long Dropped { get; internal set; }

    /// <summary>Packets refused: too large, or far from the stream in number or time.</summary>
    public long Refused { get; internal set; }

    /// <summary>How often all was thrown away, because the stream jumped or more came than there is room for.</summary>
    public long Resets { get; internal set; }

    /// <summary>How often the target delay changed by 5 ms or more.</summary>
    public long Adaptations { get; internal set; }

    /// <summary>Key frames asked for.</summary>
    public long KeyFrameRequests { get; internal set; }
}
