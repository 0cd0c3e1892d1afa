using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>The header of an RTP packet (RFC 3550 section 5.1): the part that SRTP authenticates and leaves readable.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                             SSRC                              |
/// |                     0 to 15 CSRC identifiers                  |
/// |      defined by profile       |     length in 32-bit words    |   when X is set
/// |                     header extension elements                 |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
public readonly record struct RtpHeader
{
    /// <summary>Bytes without contributing sources and extensions.</summary>
    public const int FixedLength = 12;

    /// <summary>Whether the payload ends in padding, whose last byte counts it.</summary>
    public bool Padding { get; init; }

    /// <summary>Set on the last packet of a video frame, and on the first packet after a silence.</summary>
    public bool Marker { get; init; }

    /// <summary>0 to 127, with the meaning that SDP gave it.</summary>
    public byte PayloadType { get; init; }

    /// <summary>The number of the packet.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>When the first byte of the payload was sampled.</summary>
    public RtpTimestamp Timestamp { get; init; }

    /// <summary>Whose packet it is.</summary>
    public Ssrc Ssrc { get; init; }

    /// <summary>Contributing sources: 0 to 15. Nothing here makes any; their bytes are skipped.</summary>
    public int CsrcCount { get; init; }

    /// <summary>What the 16 bits "defined by profile" say: which form of RFC 8285 the extensions have. 0 without extensions.</summary>
    public ushort ExtensionProfile { get; init; }

    /// <summary>Where the elements of the header extension start in the packet; 0 without extensions.</summary>
    public int ExtensionOffset { get; init; }

    /// <summary>Bytes of the elements, a multiple of 4.</summary>
    public int ExtensionLength { get; init; }

    /// <summary>Bytes of the whole header; the payload starts there.</summary>
    public int Length { get; init; }

    /// <summary>Reads the header of <paramref name="packet"/>. What stands behind it may be encrypted.</summary>
    /// <returns><see langword="false"/> when it is no RTP of version 2 or is cut off.</returns>
    public static bool TryRead(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        var reader = new WireReader(packet);
        byte first = reader.ReadUInt8();
        byte second = reader.ReadUInt8();
        ushort sequence = reader.ReadUInt16();
        uint timestamp = reader.ReadUInt32();
        uint ssrc = reader.ReadUInt32();
        int csrcCount = first & 0x0f;
        reader.ReadBytes(4 * csrcCount);

        ushort profile = 0;
        int extensionOffset = 0;
        int extensionLength = 0;
        if ((first & 0x10) != 0)
        {
            profile = reader.ReadUInt16();
            extensionLength = 4 * reader.ReadUInt16();
            extensionOffset = reader.Position;
            reader.ReadBytes(extensionLength);
        }

        header = new RtpHeader
        {
            Padding = (first & 0x20) != 0,
            Marker = (second & 0x80) != 0,
            PayloadType = (byte)(second & 0x7f),
            Sequence = new SequenceNumber(sequence),
            Timestamp = new RtpTimestamp(timestamp),
            Ssrc = new Ssrc(ssrc),
            CsrcCount = csrcCount,
            ExtensionProfile = profile,
            ExtensionOffset = extensionOffset,
            ExtensionLength = extensionLength,
            Length = reader.Position,
        };
        return !reader.Failed && first >> 6 == 2;
    }

    /// <summary>The header extension of <paramref name="packet"/>, whose header this is.</summary>
    public HeaderExtensions ExtensionsOf(ReadOnlySpan<byte> packet) =>
        new(ExtensionProfile, packet.Slice(ExtensionOffset, ExtensionLength));

    /// <summary>The payload of <paramref name="packet"/>, whose header this is and which is in the clear, without its padding.</summary>
    /// <returns><see langword="false"/> when the padding does not fit.</returns>
    public bool TryGetPayload(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> payload)
    {
        payload = packet[Length..];
        if (!Padding)
            return true;

        // RFC 3550 section 5.1: the last byte counts the padding, itself included.
        int padding = payload.IsEmpty ? 0 : payload[^1];
        if (padding == 0 || padding > payload.Length)
            return false;

        payload = payload[..^padding];
        return true;
    }

    /// <summary>
    /// Writes the fixed part of the header and, with <paramref name="extensions"/>, the elements behind it.
    /// <see cref="CsrcCount"/> is taken as 0; the offsets and lengths of this value are not looked at.
    /// </summary>
    /// <param name="packet">Where the packet begins.</param>
    /// <param name="extensions">Elements that a <see cref="HeaderExtensionWriter"/> made, padded to a multiple of 4; none for no extension.</param>
    /// <param name="profile">The form that the elements were written in.</param>
    /// <returns>Bytes of the header.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="packet"/> is too short, or <paramref name="extensions"/> is no multiple of 4 or longer than 65,535 words.
    /// </exception>
    public int Write(Span<byte> packet, scoped ReadOnlySpan<byte> extensions = default, ushort profile = HeaderExtensions.OneByteProfile)
    {
        if (extensions.Length % 4 != 0 || extensions.Length / 4 > ushort.MaxValue)
            throw new ArgumentException("Elements come in words of 4 bytes, 65,535 at most.", nameof(extensions));

        var writer = new WireWriter(packet);
        writer.WriteUInt8((byte)(0x80 | (Padding ? 0x20 : 0) | (extensions.IsEmpty ? 0 : 0x10)));
        writer.WriteUInt8((byte)((Marker ? 0x80 : 0) | (PayloadType & 0x7f)));
        writer.WriteUInt16(Sequence.Value);
        writer.WriteUInt32(Timestamp.Value);
        writer.WriteUInt32(Ssrc.Value);
        if (!extensions.IsEmpty)
        {
            writer.WriteUInt16(profile);
            writer.WriteUInt16((ushort)(extensions.Length / 4));
            writer.WriteBytes(extensions);
        }

        if (writer.Failed)
            throw new ArgumentException("The header does not fit.", nameof(packet));

        return writer.Length;
    }
}
