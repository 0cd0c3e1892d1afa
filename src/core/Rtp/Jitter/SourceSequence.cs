namespace RoomAgent.Rtp.Jitter;

/// <summary>What a number means for its stream.</summary>
internal enum SequenceVerdict
{
    /// <summary>It belongs to the stream: the next one, one after a gap, or an older one.</summary>
    Accepted,

    /// <summary>It lies far away from the stream. Only the number right after it makes it believed.</summary>
    Suspect,

    /// <summary>It is the second in a row that lies far away: the source has begun anew.</summary>
    Restarted,
}

/// <summary>Follows the sequence numbers of one source by the rules of RFC 3550 appendix A.1 behind its probation.</summary>
/// <remarks>Extended numbers never fall: a restart goes on two cycles higher, so that nothing old is mistaken for something new.</remarks>
/// <param name="misorder">How far behind the newest number an old packet may come.</param>
internal struct SourceSequence(int misorder)
{
    /// <summary>MAX_MISORDER.</summary>
    public const int LargestMisorder = 100;

    /// <summary>MAX_DROPOUT: a gap this wide is no gap but a restart.</summary>
    public const int LargestDropout = 3_000;

    private int _suspect = -1;

    /// <summary>The extended number of the newest packet; below 0 before the first one.</summary>
    public long Newest { get; private set; } = -1;

    /// <summary>Takes the number of a packet that has come.</summary>
    public SequenceVerdict Handle(SequenceNumber number, out long extended)
    {
        if (Newest < 0)
        {
            Newest = extended = 65_536L + number.Value;
            return SequenceVerdict.Accepted;
        }

        extended = Extend(number);
        long step = extended - Newest;
        if (step < LargestDropout && step > -misorder)
        {
            Newest = Math.Max(Newest, extended);
            return SequenceVerdict.Accepted;
        }

        if (number.Value != _suspect)
        {
            _suspect = number.Next.Value;
            return SequenceVerdict.Suspect;
        }

        _suspect = -1;
        Newest = extended = (((Newest >> 16) + 2) << 16) + number.Value;
        return SequenceVerdict.Restarted;
    }

    /// <summary>The extended form of <paramref name="number"/> on the shorter way from the newest one.</summary>
    public readonly long Extend(SequenceNumber number) => Newest + (number - new SequenceNumber((ushort)Newest));
}
