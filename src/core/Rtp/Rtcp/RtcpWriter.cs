using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>Appends RTCP packets to a compound packet (RFC 3550 section 6.1). Nothing is allocated.</summary>
/// <remarks>
/// A packet is written whole or not at all: when a method says <see langword="false"/> the compound is as it was, and a smaller packet may still fit.
/// The caller sees to the order: a compound begins with a report and has a CNAME, unless reduced-size RTCP (RFC 5506) was agreed on.
/// </remarks>
public ref struct RtcpWriter
{
    /// <summary>The most blocks, chunks or sources in one packet: what five bits count.</summary>
    public const int LargestCount = 31;

    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Writes into <paramref name="buffer"/>, from its start, and never past its end.</summary>
    public RtcpWriter(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public readonly int Length => _length;

    /// <summary>Bytes that are left.</summary>
    public readonly int Free => _buffer.Length - _length;

    /// <summary>The compound as it stands.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>Appends a sender report.</summary>
    /// <param name="sender">Of the own stream.</param>
    /// <param name="blocks">Of the streams received: at most <see cref="LargestCount"/>. A loss outside its 24 bits is written as the nearest that fits.</param>
    /// <returns>Whether it fitted.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are more blocks.</exception>
    public bool WriteSenderReport(SenderInfo sender, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        WireWriter writer = Begin(RtcpType.SenderReport, blocks.Length, SenderReport.InfoLength + (blocks.Length * ReportBlock.Length));
        writer.WriteUInt32(sender.Ssrc.Value);
        writer.WriteUInt64(sender.Ntp.Value);
        writer.WriteUInt32(sender.Timestamp.Value);
        writer.WriteUInt32(sender.Packets);
        writer.WriteUInt32(sender.Octets);
        foreach (ReportBlock block in blocks)
            block.Write(ref writer);

        return End(writer);
    }

    /// <summary>Appends a receiver report.</summary>
    /// <param name="reporter">Who reports.</param>
    /// <param name="blocks">Of the streams received: at most <see cref="LargestCount"/>; none from who has received nothing.</param>
    /// <returns>Whether it fitted.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are more blocks.</exception>
    public bool WriteReceiverReport(Ssrc reporter, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        WireWriter writer = Begin(RtcpType.ReceiverReport, blocks.Length, sizeof(uint) + (blocks.Length * ReportBlock.Length));
        writer.WriteUInt32(reporter.Value);
        foreach (ReportBlock block in blocks)
            block.Write(ref writer);

        return End(writer);
    }

    /// <summary>Appends a source description with a canonical name and nothing else.</summary>
    /// <param name="source">Whose name.</param>
    /// <param name="cname">1 to 255 bytes of UTF-8. The same for all streams of one clock, and not a name of a person or device (RFC 7022).</param>
    /// <returns>Whether it fitted.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The name is empty or too long.</exception>
    public bool WriteCname(Ssrc source, scoped ReadOnlySpan<byte> cname)
    {
        ArgumentOutOfRangeException.ThrowIfZero(cname.Length, nameof(cname));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, byte.MaxValue, nameof(cname));

        // The item, and at least one zero behind it.
        int items = (2 + cname.Length + 4) & ~3;
        WireWriter writer = Begin(RtcpType.SourceDescription, 1, sizeof(uint) + items);
        writer.WriteUInt32(source.Value);
        writer.WriteUInt8(SourceDescription.CnameItem);
        writer.WriteUInt8((byte)cname.Length);
        writer.WriteBytes(cname);
        writer.Reserve(items - 2 - cname.Length).Clear();
        return End(writer);
    }

    /// <summary>Appends a goodbye.</summary>
    /// <param name="sources">Who leaves: at most <see cref="LargestCount"/>.</param>
    /// <param name="reason">Up to 255 bytes of UTF-8; none for no reason.</param>
    /// <returns>Whether it fitted.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are more sources, or the reason is longer.</exception>
    public bool WriteGoodbye(scoped ReadOnlySpan<Ssrc> sources, scoped ReadOnlySpan<byte> reason = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reason.Length, byte.MaxValue, nameof(reason));

        int tail = reason.IsEmpty ? 0 : (1 + reason.Length + 3) & ~3;
        WireWriter writer = Begin(RtcpType.Goodbye, sources.Length, (sources.Length * sizeof(uint)) + tail);
        foreach (Ssrc source in sources)
            writer.WriteUInt32(source.Value);

        if (!reason.IsEmpty)
        {
            writer.WriteUInt8((byte)reason.Length);
            writer.WriteBytes(reason);
            writer.Reserve(tail - 1 - reason.Length).Clear();
        }

        return End(writer);
    }

    /// <summary>Appends a generic NACK.</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="media">The stream.</param>
    /// <param name="missing">One number or more. In ascending order they need the fewest bytes: 4 for each run of 17.</param>
    /// <returns>Whether all fitted; when not, nothing is written.</returns>
    /// <exception cref="ArgumentException">No number is given.</exception>
    public bool WriteNack(Ssrc sender, Ssrc media, scoped ReadOnlySpan<SequenceNumber> missing)
    {
        if (missing.IsEmpty)
            throw new ArgumentException("A NACK names a packet.", nameof(missing));

        WireWriter writer = BeginFeedback(RtcpType.TransportFeedback, GenericNack.Format, sender, media, sizeof(uint) * CountPairs(missing));
        while (!missing.IsEmpty)
        {
            SequenceNumber first = missing[0];
            int taken = TakePair(missing, out ushort following);
            writer.WriteUInt16(first.Value);
            writer.WriteUInt16(following);
            missing = missing[taken..];
        }

        return End(writer);
    }

    /// <summary>Appends a picture loss indication.</summary>
    /// <returns>Whether it fitted.</returns>
    public bool WritePictureLoss(PictureLossIndication indication) =>
        End(BeginFeedback(RtcpType.PayloadFeedback, PictureLossIndication.Format, indication.Sender, indication.Media, 0));

    /// <summary>Appends a full intra request.</summary>
    /// <param name="sender">Who asks.</param>
    /// <param name="requests">One or more.</param>
    /// <returns>Whether it fitted.</returns>
    /// <exception cref="ArgumentException">No request is given.</exception>
    public bool WriteFullIntraRequest(Ssrc sender, scoped ReadOnlySpan<IntraRequest> requests)
    {
        if (requests.IsEmpty)
            throw new ArgumentException("A request names a stream.", nameof(requests));

        // RFC 5104 section 4.3.1.2: the media source of the feedback header is 0.
        WireWriter writer = BeginFeedback(RtcpType.PayloadFeedback, FullIntraRequest.Format, sender, default, IntraRequest.Length * requests.Length);
        foreach (IntraRequest request in requests)
        {
            writer.WriteUInt32(request.Media.Value);
            writer.WriteUInt8(request.Number);
            writer.WriteUInt24(0);
        }

        return End(writer);
    }

    /// <summary>Appends transport-wide feedback.</summary>
    /// <param name="sender">Who tells.</param>
    /// <param name="media">One of the streams.</param>
    /// <param name="control">The feedback control information; the zeros that fill its last word up (section 3.1 of the draft) may be missing and are added.</param>
    /// <returns>Whether it fitted.</returns>
    public bool WriteTransportFeedback(Ssrc sender, Ssrc media, scoped ReadOnlySpan<byte> control)
    {
        int fill = -control.Length & 3;
        WireWriter writer = BeginFeedback(RtcpType.TransportFeedback, TransportFeedback.Format, sender, media, control.Length + fill);
        writer.WriteBytes(control);
        writer.Reserve(fill).Clear();
        return End(writer);
    }

    private readonly WireWriter Begin(RtcpType type, int count, int bodyLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bodyLength / 4, ushort.MaxValue, nameof(bodyLength));

        var writer = new WireWriter(_buffer[_length..]);
        writer.WriteUInt8((byte)(0x80 | count));
        writer.WriteUInt8((byte)type);
        writer.WriteUInt16((ushort)(bodyLength / 4));
        return writer;
    }

    private readonly WireWriter BeginFeedback(RtcpType type, int format, Ssrc sender, Ssrc media, int controlLength)
    {
        WireWriter writer = Begin(type, format, (2 * sizeof(uint)) + controlLength);
        writer.WriteUInt32(sender.Value);
        writer.WriteUInt32(media.Value);
        return writer;
    }

    private bool End(WireWriter writer)
    {
        if (writer.Failed)
            return false;

        _length += writer.Length;
        return true;
    }

    private static int CountPairs(ReadOnlySpan<SequenceNumber> missing)
    {
        int pairs = 0;
        for (; !missing.IsEmpty; pairs++)
            missing = missing[TakePair(missing, out _)..];

        return pairs;
    }

    // How many of the first numbers one pair can say, and the bits for those behind the first.
    private static int TakePair(ReadOnlySpan<SequenceNumber> missing, out ushort following)
    {
        following = 0;
        int taken = 1;
        for (; taken < missing.Length; taken++)
        {
            int distance = missing[taken] - missing[0];
            if (distance is < 0 or > 16)
                break;
            if (distance > 0)
                following |= (ushort)(1 << (distance - 1));
        }

        return taken;
    }
}
