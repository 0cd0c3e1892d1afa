namespace RoomAgent.Rtp;

/// <summary>The source of a stream (RFC 3550 section 3). In a meeting the media node gives them out, each to one stream.</summary>
/// <param name="Value">Any 32-bit number.</param>
public readonly record struct Ssrc(uint Value)
{
    /// <summary>
    /// The source of what is sent again of this stream (RFC 4588): the same number with its first bit turned over. The node gives streams numbers
    /// whose first bit is 0, so that whoever gets a retransmission knows whose it is without a list.
    /// </summary>
    public Ssrc Retransmission => new(Value ^ 0x8000_0000);

    /// <summary>The number in hexadecimal, as packet analysers print it.</summary>
    public override string ToString() => $"0x{Value:x8}";
}

/// <summary>The number of a packet in its stream (RFC 3550 section 5.1). It wraps around.</summary>
/// <param name="Value">Any 16-bit number.</param>
public readonly record struct SequenceNumber(ushort Value)
{
    /// <summary>The next number.</summary>
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <summary>How far <paramref name="later"/> lies behind <paramref name="earlier"/> on the shorter way round: -32768 to 32767.</summary>
    public static int operator -(SequenceNumber later, SequenceNumber earlier) => (short)(later.Value - earlier.Value);

    /// <summary>The number <paramref name="count"/> further on; a negative count goes back.</summary>
    public static SequenceNumber operator +(SequenceNumber start, int count) => new((ushort)(start.Value + count));

    /// <summary>The decimal number.</summary>
    public override string ToString() => $"{Value}";
}

/// <summary>A moment on the media clock of a stream (RFC 3550 section 5.1). It wraps around and starts anywhere.</summary>
/// <param name="Value">Ticks of the payload's clock rate: 90 kHz for video, 48 kHz for Opus.</param>
public readonly record struct RtpTimestamp(uint Value)
{
    /// <summary>How many ticks <paramref name="later"/> lies behind <paramref name="earlier"/> on the shorter way round.</summary>
    public static int operator -(RtpTimestamp later, RtpTimestamp earlier) => (int)(later.Value - earlier.Value);

    /// <summary>The moment <paramref name="ticks"/> later.</summary>
    public static RtpTimestamp operator +(RtpTimestamp start, int ticks) => new(start.Value + (uint)ticks);
}

/// <summary>
/// Counts the numbers of one stream on without wrapping around: the extended sequence number of RFC 3550 appendix A.1.
/// </summary>
/// <remarks>It follows the newest number by the shorter way, so a number may be up to 32,767 older or newer than the newest one.</remarks>
public struct SequenceUnwrapper
{
    private long _newest;
    private bool _started;

    /// <summary>The extended number of <paramref name="number"/>. The first one counts as itself plus 65,536, so that an older packet is not negative.</summary>
    public long Unwrap(SequenceNumber number)
    {
        if (!_started)
        {
            _started = true;
            _newest = 65_536L + number.Value;
            return _newest;
        }

        long extended = Peek(number);
        _newest = Math.Max(_newest, extended);
        return extended;
    }

    /// <summary>What <see cref="Unwrap"/> would give, leaving the newest number as it is: for packets that nobody has authenticated yet.</summary>
    public readonly long Peek(SequenceNumber number) =>
        _started ? _newest + (number - new SequenceNumber((ushort)_newest)) : 65_536L + number.Value;
}
