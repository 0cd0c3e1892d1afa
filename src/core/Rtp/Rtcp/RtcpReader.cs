using System.Buffers.Binary;

namespace RoomAgent.Rtp;

/// <summary>What kind an RTCP packet is (RFC 3550 section 12.1, RFC 4585 section 6.1).</summary>
public enum RtcpType : byte
{
    /// <summary>SR, see <see cref="SenderReport"/>.</summary>
    SenderReport = 200,

    /// <summary>RR, see <see cref="ReceiverReport"/>.</summary>
    ReceiverReport = 201,

    /// <summary>SDES, see <see cref="SourceDescription"/>.</summary>
    SourceDescription = 202,

    /// <summary>BYE, see <see cref="Goodbye"/>.</summary>
    Goodbye = 203,

    /// <summary>APP. Nothing here makes or reads any.</summary>
    Application = 204,

    /// <summary>RTPFB: feedback about packets. The format tells <see cref="GenericNack"/> from <see cref="TransportFeedback"/>.</summary>
    TransportFeedback = 205,

    /// <summary>PSFB: feedback about pictures. The format tells <see cref="PictureLossIndication"/> from <see cref="FullIntraRequest"/>.</summary>
    PayloadFeedback = 206,
}

/// <summary>The packets of a compound RTCP packet, already checked: a walk over it cannot fail any more. A view of the datagram.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P| RC, FMT |      type     |   length in 32-bit words - 1  |
/// |                             body                              |
/// +---------------------------------------------------------------+   and the next one
/// </code>
/// Reduced-size RTCP (RFC 5506) is taken: the first packet need not be a report.
/// </remarks>
public readonly ref struct RtcpReader
{
    internal const int HeaderLength = 4;

    private readonly ReadOnlySpan<byte> _compound;

    private RtcpReader(ReadOnlySpan<byte> compound) => _compound = compound;

    /// <summary>Checks <paramref name="compound"/> as RFC 3550 appendix A.2 says, less its rule about the first type.</summary>
    /// <returns>
    /// <see langword="false"/> when it is empty, a version is not 2, a length does not fit or leaves something over,
    /// or padding stands elsewhere than in the last packet or does not fit there.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> compound, out RtcpReader reader)
    {
        reader = new RtcpReader(compound);
        if (compound.IsEmpty)
            return false;

        ReadOnlySpan<byte> rest = compound;
        while (!rest.IsEmpty)
        {
            if (rest.Length < HeaderLength || rest[0] >> 6 != 2)
                return false;

            int length = LengthOf(rest);
            if (length > rest.Length)
                return false;

            bool padded = (rest[0] & 0x20) != 0;
            if (padded && (length != rest.Length || !PaddingFits(rest)))
                return false;

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>Goes through the packets in their order.</summary>
    public Enumerator GetEnumerator() => new(_compound);

    private static int LengthOf(ReadOnlySpan<byte> packet) => HeaderLength * (1 + BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));

    // RFC 3550 section 6.4.1: the last byte counts the padding, itself included. That it is a multiple of four is not asked for,
    // since senders of transport-wide feedback fill the last word up with it.
    private static bool PaddingFits(ReadOnlySpan<byte> packet) => packet[^1] != 0 && packet[^1] <= packet.Length - HeaderLength;

    /// <summary>The walk through the packets.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> compound)
        {
            _rest = compound;
            Current = default;
        }

        /// <summary>The packet.</summary>
        public RtcpPacket Current { get; private set; }

        /// <summary>Goes to the next packet; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;

            int length = LengthOf(_rest);
            int padding = (_rest[0] & 0x20) != 0 ? _rest[length - 1] : 0;
            Current = new RtcpPacket((RtcpType)_rest[1], _rest[0] & 0x1f, _rest[HeaderLength..(length - padding)]);
            _rest = _rest[length..];
            return true;
        }
    }
}

/// <summary>One packet of a compound, of any type. What its body says is read by the view that fits the type.</summary>
public readonly ref struct RtcpPacket
{
    internal RtcpPacket(RtcpType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    /// <summary>What kind it is; may be a number that has no name here.</summary>
    public RtcpType Type { get; }

    /// <summary>The five bits behind the padding flag, 0 to 31: how many blocks, chunks or sources, or the format of feedback (FMT).</summary>
    public int Count { get; }

    /// <summary>What follows the four bytes of the header, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }
}
