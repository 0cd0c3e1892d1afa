namespace RoomAgent.Rtp;

/// <summary>What an Opus packet says of itself (RFC 6716 section 3). An RTP payload of Opus is exactly one such packet (RFC 7587 section 4.2).</summary>
/// <remarks>
/// <code>
///  0 1 2 3 4 5 6 7
/// +-+-+-+-+-+-+-+-+
/// | config  |s| c |   c = 0: one frame, 1 or 2: two frames, 3: the lower 6 bits of the next byte say how many
/// +-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
public static class OpusPacket
{
    /// <summary>Ticks of the RTP clock in a second, whatever the coder samples with (RFC 7587 section 4.1).</summary>
    public const int ClockRate = 48_000;

    /// <summary>The longest packet there may be, in ticks: 120 ms.</summary>
    public const int LongestDuration = 120 * ClockRate / 1_000;

    /// <summary>Says how much sound a packet holds.</summary>
    /// <param name="packet">The payload.</param>
    /// <param name="duration">Ticks of the RTP clock: 120 (2.5 ms) to <see cref="LongestDuration"/>; by so much the timestamp of the next packet is later.</param>
    /// <returns><see langword="false"/> when there is no packet, it says that it holds no frames, or more than 120 ms of them.</returns>
    public static bool TryGetDuration(ReadOnlySpan<byte> packet, out int duration)
    {
        duration = 0;
        if (packet.IsEmpty)
            return false;

        int frames = (packet[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => packet.Length > 1 ? packet[1] & 0x3f : 0,
        };
        int total = frames * FrameDuration(packet[0] >> 3);
        if (total is 0 or > LongestDuration)
            return false;

        duration = total;
        return true;
    }

    // RFC 6716 table 2: SILK 10, 20, 40, 60 ms; hybrid 10, 20 ms; CELT 2.5, 5, 10, 20 ms.
    private static int FrameDuration(int config) => config switch
    {
        < 12 => (config & 3) == 3 ? 2_880 : 480 << (config & 3),
        < 16 => 480 << (config & 1),
        _ => 120 << (config & 3),
    };
}
