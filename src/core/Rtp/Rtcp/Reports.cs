using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>What a sender says of its own stream in a sender report (RFC 3550 section 6.4.1).</summary>
/// <param name="Ssrc">Whose stream.</param>
/// <param name="Ntp">When the report was made, on the sender's wall clock. Lip sync compares it between streams.</param>
/// <param name="Timestamp">The same moment on the media clock of the stream.</param>
/// <param name="Packets">Packets sent so far, modulo 2^32.</param>
/// <param name="Octets">Payload bytes sent so far, modulo 2^32.</param>
public readonly record struct SenderInfo(Ssrc Ssrc, NtpTime Ntp, RtpTimestamp Timestamp, uint Packets, uint Octets);

/// <summary>What a receiver says of a stream (RFC 3550 section 6.4.1).</summary>
/// <remarks>
/// <code>
/// |                     SSRC of the stream                        |
/// | fraction lost |       cumulative number of packets lost       |
/// |          extended highest sequence number received            |
/// |                      interarrival jitter                      |
/// |                    last SR (LSR, middle of NTP)               |
/// |                delay since last SR (DLSR, 1/65536 s)          |
/// </code>
/// </remarks>
/// <param name="Source">Which stream.</param>
/// <param name="FractionLost">Packets lost since the last report, of 256.</param>
/// <param name="CumulativeLost">Packets lost since the beginning: -2^23 to 2^23 - 1; duplicates can make it negative.</param>
/// <param name="HighestSequence">The highest number received, with the count of its wraps in the upper 16 bits.</param>
/// <param name="Jitter">Mean deviation of the arrival, in ticks of the media clock.</param>
/// <param name="LastSenderReport"><see cref="NtpTime.Middle"/> of the last sender report from the stream; 0 when there was none.</param>
/// <param name="DelaySinceLastSenderReport">Since that report, units of 1/65536 s; 0 when there was none.</param>
public readonly record struct ReportBlock(
    Ssrc Source,
    byte FractionLost,
    int CumulativeLost,
    uint HighestSequence,
    uint Jitter,
    uint LastSenderReport,
    uint DelaySinceLastSenderReport)
{
    /// <summary>Bytes of a block.</summary>
    public const int Length = 24;

    internal static ReportBlock Read(ref WireReader reader) => new(
        new Ssrc(reader.ReadUInt32()),
        reader.ReadUInt8(),
        (int)(reader.ReadUInt24() << 8) >> 8,
        reader.ReadUInt32(),
        reader.ReadUInt32(),
        reader.ReadUInt32(),
        reader.ReadUInt32());

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt32(Source.Value);
        writer.WriteUInt8(FractionLost);
        writer.WriteUInt24((uint)Math.Clamp(CumulativeLost, -0x80_0000, 0x7f_ffff) & 0xff_ffff);
        writer.WriteUInt32(HighestSequence);
        writer.WriteUInt32(Jitter);
        writer.WriteUInt32(LastSenderReport);
        writer.WriteUInt32(DelaySinceLastSenderReport);
    }
}

/// <summary>The report blocks of a report: a view of the packet.</summary>
public readonly ref struct ReportBlocks
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal ReportBlocks(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Blocks: 0 to 31.</summary>
    public int Count => _bytes.Length / ReportBlock.Length;

    /// <summary>Goes through the blocks in their order.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>The walk through the blocks.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;

        internal Enumerator(ReadOnlySpan<byte> bytes)
        {
            _reader = new WireReader(bytes);
            Current = default;
        }

        /// <summary>The block.</summary>
        public ReportBlock Current { get; private set; }

        /// <summary>Goes to the next block; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_reader.AtEnd)
                return false;

            Current = ReportBlock.Read(ref _reader);
            return true;
        }
    }
}

/// <summary>A sender report (RFC 3550 section 6.4.1).</summary>
/// <remarks>
/// <code>
/// |                        SSRC of the sender                     |
/// |              NTP timestamp, most significant word             |
/// |              NTP timestamp, least significant word            |
/// |                         RTP timestamp                         |
/// |                     sender's packet count                     |
/// |                      sender's octet count                     |
/// |                  RC report blocks, then extensions            |
/// </code>
/// </remarks>
public readonly ref struct SenderReport
{
    internal const int InfoLength = 24;

    private SenderReport(SenderInfo sender, ReportBlocks blocks)
    {
        Sender = sender;
        Blocks = blocks;
    }

    /// <summary>Of its own stream.</summary>
    public SenderInfo Sender { get; }

    /// <summary>Of the streams that it receives.</summary>
    public ReportBlocks Blocks { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type, or shorter than its count of blocks wants.</returns>
    public static bool TryRead(RtcpPacket packet, out SenderReport report)
    {
        var reader = new WireReader(packet.Body);
        var sender = new SenderInfo(
            new Ssrc(reader.ReadUInt32()),
            new NtpTime(reader.ReadUInt64()),
            new RtpTimestamp(reader.ReadUInt32()),
            reader.ReadUInt32(),
            reader.ReadUInt32());
        report = new SenderReport(sender, new ReportBlocks(reader.ReadBytes(packet.Count * ReportBlock.Length)));
        return packet.Type == RtcpType.SenderReport && !reader.Failed;
    }
}

/// <summary>A receiver report (RFC 3550 section 6.4.2).</summary>
/// <remarks>
/// <code>
/// |                        SSRC of the reporter                   |
/// |                  RC report blocks, then extensions            |
/// </code>
/// </remarks>
public readonly ref struct ReceiverReport
{
    private ReceiverReport(Ssrc reporter, ReportBlocks blocks)
    {
        Reporter = reporter;
        Blocks = blocks;
    }

    /// <summary>Who reports.</summary>
    public Ssrc Reporter { get; }

    /// <summary>Of the streams that it receives.</summary>
    public ReportBlocks Blocks { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type, or shorter than its count of blocks wants.</returns>
    public static bool TryRead(RtcpPacket packet, out ReceiverReport report)
    {
        var reader = new WireReader(packet.Body);
        var reporter = new Ssrc(reader.ReadUInt32());
        report = new ReceiverReport(reporter, new ReportBlocks(reader.ReadBytes(packet.Count * ReportBlock.Length)));
        return packet.Type == RtcpType.ReceiverReport && !reader.Failed;
    }
}
