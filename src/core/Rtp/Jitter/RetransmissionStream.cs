using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>Sends packets again in a stream of their own, with its own source and numbers (RFC 4588 section 4).</summary>
/// <remarks>
/// <code>
/// |  RTP header: SSRC, payload type and number of this stream;      |
/// |  timestamp and marker of the original; extensions               |
/// |  OSN: original sequence number  |  original payload ...         |
/// </code>
/// </remarks>
/// <param name="ssrc">The source of the retransmissions.</param>
/// <param name="payloadType">The payload type that SDP gave to rtx (section 8.1).</param>
/// <param name="first">The number of the first packet: random (RFC 3550 section 5.1).</param>
public sealed class RetransmissionStream(Ssrc ssrc, byte payloadType, SequenceNumber first)
{
    private const int OriginalSequenceLength = 2;
    private SequenceNumber _next = first;

    /// <summary>Writes the retransmission of a packet.</summary>
    /// <param name="original">A packet from the <see cref="RetransmissionBuffer"/>.</param>
    /// <param name="extensions">Elements for the new header, such as a new transport-wide number; none for no extension.</param>
    /// <param name="packet">Takes the new packet.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns><see langword="false"/>, with no number used up, when <paramref name="original"/> is no RTP or the new packet does not fit.</returns>
    public bool TryWrite(ReadOnlySpan<byte> original, ReadOnlySpan<byte> extensions, Span<byte> packet, out int length)
    {
        length = 0;
        if (!RtpHeader.TryRead(original, out RtpHeader header) || !header.TryGetPayload(original, out ReadOnlySpan<byte> payload))
            return false;

        int extensionLength = extensions.IsEmpty ? 0 : 4 + extensions.Length;
        if (RtpHeader.FixedLength + extensionLength + OriginalSequenceLength + payload.Length > packet.Length)
            return false;

        RtpHeader written = new() { Marker = header.Marker, PayloadType = payloadType, Sequence = _next, Timestamp = header.Timestamp, Ssrc = ssrc };
        int headerLength = written.Write(packet, extensions);
        var writer = new WireWriter(packet[headerLength..]);
        writer.WriteUInt16(header.Sequence.Value);
        writer.WriteBytes(payload);
        length = headerLength + writer.Length;
        _next = _next.Next;
        return true;
    }

    /// <summary>Reads the payload of a retransmission that has come.</summary>
    /// <param name="payload">The payload of a packet of the stream, without header and padding.</param>
    /// <param name="sequence">The number of the original packet. Timestamp and marker are those of the retransmission.</param>
    /// <param name="originalPayload">A view of <paramref name="payload"/>.</param>
    /// <returns><see langword="false"/> when there is no original number, as in packets that only fill up.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SequenceNumber sequence, out ReadOnlySpan<byte> originalPayload)
    {
        var reader = new WireReader(payload);
        sequence = new SequenceNumber(reader.ReadUInt16());
        originalPayload = reader.ReadRest();
        return !reader.Failed;
    }
}
