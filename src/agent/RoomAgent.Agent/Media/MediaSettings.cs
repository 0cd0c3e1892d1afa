using RoomAgent.SFrame;

namespace RoomAgent.Agent.Media;

/// <summary>The limits of a media session.</summary>
public sealed record MediaSettings
{
    /// <summary>Bytes of the largest UDP payload sent: IPv6 carries 1,280 everywhere, less its header and that of UDP.</summary>
    public int LargestDatagram { get; init; } = 1_232;

    /// <summary>Bytes of the largest sealed frame, sent or received.</summary>
    public int LargestFrame { get; init; } = 1 << 20;

    /// <summary>Packets of pictures that may wait to be sent; a frame that finds no room is refused whole.</summary>
    public int PacketsWaiting { get; init; } = 1_024;

    /// <summary>Streams of pictures received at a time; a further one takes the place of one that is silent.</summary>
    public int VideoStreams { get; init; } = 12;

    /// <summary>Voices received at a time; likewise.</summary>
    public int Voices { get; init; } = 32;

    /// <summary>After so long without a packet a stream gives its place to another.</summary>
    public TimeSpan StreamIdle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much may wait for an epoch that is still to come (MEETING section 5).</summary>
    public WaitingSettings Waiting { get; init; } = new();

    /// <summary>Bits a second at the start, before the network has shown what it bears.</summary>
    public int StartBitRate { get; init; } = 1_000_000;

    /// <summary>Bits a second that are never exceeded.</summary>
    public int MostBitRate { get; init; } = 6_000_000;

    /// <summary>How often reports are sent.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(1);
}
