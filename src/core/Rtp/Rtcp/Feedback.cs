using System.Numerics;
using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>Packets that a receiver misses and wants again (RFC 4585 section 6.2.1). A view of the packet.</summary>
/// <remarks>
/// <code>
/// |                  SSRC of who asks                             |   of every feedback packet
/// |                  SSRC of the stream                           |   (RFC 4585 section 6.1)
/// |            PID                |             BLP               |   once or more
/// </code>
/// PID is missing, and for each bit i of BLP, the lowest being 0, so is PID + i + 1.
/// </remarks>
public readonly ref struct GenericNack
{
    /// <summary>The format (FMT) that <see cref="RtcpType.TransportFeedback"/> packets of this kind have.</summary>
    public const int Format = 1;

    private readonly ReadOnlySpan<byte> _pairs;

    private GenericNack(Ssrc sender, Ssrc media, ReadOnlySpan<byte> pairs)
    {
        Sender = sender;
        Media = media;
        _pairs = pairs;
    }

    /// <summary>Who asks.</summary>
    public Ssrc Sender { get; }

    /// <summary>The stream that the packets belong to.</summary>
    public Ssrc Media { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type or format, or names no packet.</returns>
    public static bool TryRead(RtcpPacket packet, out GenericNack nack)
    {
        var reader = new WireReader(packet.Body);
        var sender = new Ssrc(reader.ReadUInt32());
        var media = new Ssrc(reader.ReadUInt32());
        ReadOnlySpan<byte> pairs = reader.ReadRest();
        nack = new GenericNack(sender, media, pairs);
        return packet.Type == RtcpType.TransportFeedback && packet.Count == Format && !reader.Failed && pairs.Length >= 4 && pairs.Length % 4 == 0;
    }

    /// <summary>
    /// Goes through the missing numbers as they are written. They may repeat and stand in any order, and a packet of 1,200 bytes
    /// names up to 5,049: whoever answers bounds what it answers.
    /// </summary>
    public Enumerator GetEnumerator() => new(_pairs);

    /// <summary>The walk through the missing numbers.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;
        private SequenceNumber _first;
        private uint _following;

        internal Enumerator(ReadOnlySpan<byte> pairs)
        {
            _reader = new WireReader(pairs);
            Current = default;
        }

        /// <summary>The number.</summary>
        public SequenceNumber Current { get; private set; }

        /// <summary>Goes to the next number; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_following != 0)
            {
                Current = _first + (1 + BitOperations.TrailingZeroCount(_following));
                _following &= _following - 1;
                return true;
            }

            if (_reader.AtEnd)
                return false;

            _first = new SequenceNumber(_reader.ReadUInt16());
            _following = _reader.ReadUInt16();
            Current = _first;
            return true;
        }
    }
}

/// <summary>How the packets of a transport arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), known by its frame only.</summary>
public readonly ref struct TransportFeedback
{
    /// <summary>The format (FMT) that <see cref="RtcpType.TransportFeedback"/> packets of this kind have.</summary>
    public const int Format = 15;

    private TransportFeedback(Ssrc sender, Ssrc media, ReadOnlySpan<byte> control)
    {
        Sender = sender;
        Media = media;
        Control = control;
    }

    /// <summary>Who tells.</summary>
    public Ssrc Sender { get; }

    /// <summary>One of the streams; which one says nothing, since the numbers are those of the transport.</summary>
    public Ssrc Media { get; }

    /// <summary>The feedback control information as it came, from the base sequence number on, without RTCP padding. Nobody has looked at it.</summary>
    public ReadOnlySpan<byte> Control { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type or format, or is cut off before the control information.</returns>
    public static bool TryRead(RtcpPacket packet, out TransportFeedback feedback)
    {
        var reader = new WireReader(packet.Body);
        var sender = new Ssrc(reader.ReadUInt32());
        var media = new Ssrc(reader.ReadUInt32());
        feedback = new TransportFeedback(sender, media, reader.ReadRest());
        return packet.Type == RtcpType.TransportFeedback && packet.Count == Format && !reader.Failed;
    }
}

/// <summary>That a decoder has lost its picture and needs a key frame (RFC 4585 section 6.3.1).</summary>
/// <param name="Sender">Who asks.</param>
/// <param name="Media">Of which stream.</param>
public readonly record struct PictureLossIndication(Ssrc Sender, Ssrc Media)
{
    /// <summary>The format (FMT) that <see cref="RtcpType.PayloadFeedback"/> packets of this kind have.</summary>
    public const int Format = 1;

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type or format, or cut off.</returns>
    public static bool TryRead(RtcpPacket packet, out PictureLossIndication indication)
    {
        var reader = new WireReader(packet.Body);
        indication = new PictureLossIndication(new Ssrc(reader.ReadUInt32()), new Ssrc(reader.ReadUInt32()));
        return packet.Type == RtcpType.PayloadFeedback && packet.Count == Format && !reader.Failed;
    }
}

/// <summary>That senders shall make a key frame now (RFC 5104 section 4.3.1). A view of the packet.</summary>
/// <remarks>
/// <code>
/// |                  SSRC of who asks                             |
/// |                  0                                            |
/// |                  SSRC of the stream                           |   once or more
/// |    Seq nr.    |                reserved, 0                    |
/// </code>
/// </remarks>
public readonly ref struct FullIntraRequest
{
    /// <summary>The format (FMT) that <see cref="RtcpType.PayloadFeedback"/> packets of this kind have.</summary>
    public const int Format = 4;

    private readonly ReadOnlySpan<byte> _entries;

    private FullIntraRequest(Ssrc sender, ReadOnlySpan<byte> entries)
    {
        Sender = sender;
        _entries = entries;
    }

    /// <summary>Who asks.</summary>
    public Ssrc Sender { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type or format, or names no stream.</returns>
    public static bool TryRead(RtcpPacket packet, out FullIntraRequest request)
    {
        var reader = new WireReader(packet.Body);
        var sender = new Ssrc(reader.ReadUInt32());
        reader.ReadUInt32();
        ReadOnlySpan<byte> entries = reader.ReadRest();
        request = new FullIntraRequest(sender, entries);
        return packet.Type == RtcpType.PayloadFeedback && packet.Count == Format && !reader.Failed
            && entries.Length >= IntraRequest.Length && entries.Length % IntraRequest.Length == 0;
    }

    /// <summary>Goes through the requests in their order.</summary>
    public Enumerator GetEnumerator() => new(_entries);

    /// <summary>The walk through the requests.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;

        internal Enumerator(ReadOnlySpan<byte> entries)
        {
            _reader = new WireReader(entries);
            Current = default;
        }

        /// <summary>The request.</summary>
        public IntraRequest Current { get; private set; }

        /// <summary>Goes to the next request; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_reader.AtEnd)
                return false;

            Current = new IntraRequest(new Ssrc(_reader.ReadUInt32()), _reader.ReadUInt8());
            _reader.ReadUInt24();
            return true;
        }
    }
}

/// <summary>One request of a <see cref="FullIntraRequest"/>.</summary>
/// <param name="Media">Which stream.</param>
/// <param name="Number">Counts the requests to that stream; a repetition has the same number and is one request.</param>
public readonly record struct IntraRequest(Ssrc Media, byte Number)
{
    /// <summary>Bytes of a request.</summary>
    public const int Length = 8;
}
