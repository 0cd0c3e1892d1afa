namespace RoomAgent.Rtp.Srtp;

/// <summary>The index of an RTP packet: the roll-over counter in the upper 32 of 48 bits, the sequence number below (RFC 3711 section 3.3.1).</summary>
internal static class PacketIndex
{
    /// <summary>One more than the last index: the roll-over counter would not fit.</summary>
    public const ulong End = 1UL << 48;

    private const ulong Round = 1UL << 16;

    /// <summary>The index with the sequence number <paramref name="sequence"/> that lies nearest to <paramref name="newest"/>.</summary>
    /// <remarks>
    /// Of two that are equally near it is the one with the same roll-over counter, as the RFC's comparisons have it.
    /// There is no round before the first: what would lie there is taken as the first round, where alone it can be.
    /// </remarks>
    /// <returns>May be as large as <see cref="End"/> and more, which no packet has.</returns>
    public static ulong Estimate(ulong newest, SequenceNumber sequence)
    {
        int newestSequence = (ushort)newest;
        ulong sameRound = (newest & ~(Round - 1)) | sequence.Value;

        if (sequence.Value - newestSequence > 32_768)
            return sameRound >= Round ? sameRound - Round : sameRound;

        return newestSequence - sequence.Value > 32_768 ? sameRound + Round : sameRound;
    }
}
