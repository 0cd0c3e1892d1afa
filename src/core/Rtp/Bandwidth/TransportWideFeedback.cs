using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>What a feedback message says about one packet.</summary>
/// <param name="Sequence">Its transport-wide number.</param>
/// <param name="Received">Whether it has come.</param>
/// <param name="Arrival">When it came, in units of 250 us on the receiver's clock, whose zero is that of the reference time; 0 for one that has not come.</param>
public readonly record struct PacketStatus(SequenceNumber Sequence, bool Received, long Arrival);

/// <summary>
/// The transport-wide feedback message (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): a view of its feedback control information,
/// which lies behind the two SSRCs of an RTPFB packet (RFC 4585 section 6.1) with the format 15.
/// </summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |      base sequence number     |      packet status count      |
/// |         reference time (64 ms, signed)        | fb pkt. count |
/// |         packet chunk          |         packet chunk ...      |
/// |  recv delta (250 us): 1 byte, or 2 signed     |  ...  padding |
/// +---------------------------------------------------------------+
///
/// run length:     |0| S |       length (13)       |     S, and a symbol of 2 bits:
/// 14 of one bit:  |1|0|       symbols (14)        |     0 not received, 1 small delta,
/// 7 of two bits:  |1|1|       symbols (7 x 2)     |     2 large or negative delta, 3 reserved
/// </code>
/// </remarks>
public readonly ref struct TransportWideFeedback
{
    /// <summary>The feedback message type (FMT).</summary>
    public const int Format = 15;

    /// <summary>Units of arrival times in a unit of the reference time.</summary>
    public const int ArrivalsPerReference = 256;

    internal const int HeaderLength = 8;
    internal const int LongestRun = 0x1fff;
    internal const int OneBitSymbols = 14;
    internal const int TwoBitSymbols = 7;

    private readonly ReadOnlySpan<byte> _chunks;
    private readonly ReadOnlySpan<byte> _deltas;

    private TransportWideFeedback(SequenceNumber first, int count, int referenceTime, byte feedbackCount, ReadOnlySpan<byte> chunks, ReadOnlySpan<byte> deltas)
    {
        First = first;
        Count = count;
        ReferenceTime = referenceTime;
        FeedbackCount = feedbackCount;
        _chunks = chunks;
        _deltas = deltas;
    }

    /// <summary>The number of the first packet.</summary>
    public SequenceNumber First { get; }

    /// <summary>How many packets it speaks of: 1 to 65,535.</summary>
    public int Count { get; }

    /// <summary>The moment from which arrivals count, in 64 ms: -2^23 to 2^23 - 1. It wraps around.</summary>
    public int ReferenceTime { get; }

    /// <summary>The number of the message. It wraps around.</summary>
    public byte FeedbackCount { get; }

    /// <summary>Reads the feedback control information.</summary>
    /// <param name="information">What lies behind the SSRCs, with or without padding.</param>
    /// <param name="feedback">A view of it.</param>
    /// <returns><see langword="false"/> when it is cut off, speaks of no packet, or has a reserved symbol.</returns>
    public static bool TryRead(ReadOnlySpan<byte> information, out TransportWideFeedback feedback)
    {
        var reader = new WireReader(information);
        var first = new SequenceNumber(reader.ReadUInt16());
        int count = reader.ReadUInt16();
        int referenceTime = (int)(reader.ReadUInt24() << 8) >> 8;
        byte feedbackCount = reader.ReadUInt8();

        int start = reader.Position;
        int deltaLength = 0;
        for (int told = 0; told < count && !reader.Failed;)
        {
            var chunk = new Chunk(reader.ReadUInt16());
            int symbols = Math.Min(chunk.Count, count - told);
            told += symbols;
            if (chunk.Count == 0 || !TryAddDeltas(chunk, symbols, ref deltaLength))
                reader.Fail();
        }

        ReadOnlySpan<byte> chunks = reader.Failed ? default : reader.Since(start);
        ReadOnlySpan<byte> deltas = reader.ReadBytes(deltaLength);
        feedback = reader.Failed || count == 0 ? default : new TransportWideFeedback(first, count, referenceTime, feedbackCount, chunks, deltas);
        return feedback.Count > 0;
    }

    /// <summary>Goes through the packets in their order.</summary>
    public Enumerator GetEnumerator() => new(this);

    private static bool TryAddDeltas(Chunk chunk, int symbols, ref int length)
    {
        if (chunk.IsRun)
        {
            length += symbols * chunk[0];
            return chunk[0] <= 2;
        }

        for (int i = 0; i < symbols; i++)
        {
            if (chunk[i] > 2)
                return false;
            length += chunk[i];
        }

        return true;
    }

    /// <summary>The walk through the packets.</summary>
    public ref struct Enumerator
    {
        private WireReader _chunks;
        private WireReader _deltas;
        private Chunk _chunk;
        private int _symbol;
        private int _left;
        private SequenceNumber _next;
        private long _arrival;

        internal Enumerator(TransportWideFeedback feedback)
        {
            _chunks = new WireReader(feedback._chunks);
            _deltas = new WireReader(feedback._deltas);
            _left = feedback.Count;
            _next = feedback.First;
            _arrival = (long)feedback.ReferenceTime * ArrivalsPerReference;
        }

        /// <summary>The packet.</summary>
        public PacketStatus Current { get; private set; }

        /// <summary>Goes to the next packet; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
                return false;

            if (_symbol == _chunk.Count)
            {
                _chunk = new Chunk(_chunks.ReadUInt16());
                _symbol = 0;
            }

            // The number of a symbol is also how many bytes its delta has.
            int size = _chunk[_symbol++];
            if (size > 0)
                _arrival += size == 1 ? _deltas.ReadUInt8() : (short)_deltas.ReadUInt16();

            Current = new PacketStatus(_next, size > 0, size > 0 ? _arrival : 0);
            _next = _next.Next;
            _left--;
            return true;
        }
    }

    private readonly struct Chunk(ushort bits)
    {
        public bool IsRun => (bits & 0x8000) == 0;

        public int Count => IsRun ? bits & LongestRun : IsOneBit ? OneBitSymbols : TwoBitSymbols;

        public int this[int symbol] =>
            IsRun ? (bits >> 13) & 3
            : IsOneBit ? (bits >> (OneBitSymbols - 1 - symbol)) & 1
            : (bits >> (2 * (TwoBitSymbols - 1 - symbol))) & 3;

        private bool IsOneBit => (bits & 0x4000) == 0;
    }
}
