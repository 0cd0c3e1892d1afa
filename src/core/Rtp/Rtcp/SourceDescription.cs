using RoomAgent.Wire;

namespace RoomAgent.Rtp;

/// <summary>Who sources are (RFC 3550 section 6.5): chunks, one for each source. A view of the packet.</summary>
/// <remarks>
/// <code>
/// |                             SSRC                              |   a chunk
/// |  item type 1  |    length     |  text of that many bytes ...
/// ... 0 ends the items, more zeros fill up to a multiple of 4     |
/// </code>
/// </remarks>
public readonly ref struct SourceDescription
{
    /// <summary>The item type of the canonical name.</summary>
    public const byte CnameItem = 1;

    private readonly ReadOnlySpan<byte> _chunks;
    private readonly int _count;

    private SourceDescription(ReadOnlySpan<byte> chunks, int count)
    {
        _chunks = chunks;
        _count = count;
    }

    /// <summary>Reads the body of <paramref name="packet"/> and checks every chunk.</summary>
    /// <returns><see langword="false"/> when it is of another type, a chunk does not end, or there are more or fewer than it says.</returns>
    public static bool TryRead(RtcpPacket packet, out SourceDescription description)
    {
        description = new SourceDescription(packet.Body, packet.Count);
        var reader = new WireReader(packet.Body);
        for (int i = 0; i < packet.Count; i++)
            ReadChunk(ref reader);

        return packet.Type == RtcpType.SourceDescription && reader.Complete;
    }

    /// <summary>Goes through the chunks in their order.</summary>
    public Enumerator GetEnumerator() => new(_chunks, _count);

    private static SourceChunk ReadChunk(scoped ref WireReader reader)
    {
        int start = reader.Position;
        var source = new Ssrc(reader.ReadUInt32());
        ReadOnlySpan<byte> cname = default;
        while (!reader.Failed && reader.ReadUInt8() is var type and not 0)
        {
            ReadOnlySpan<byte> text = reader.ReadBytes(reader.ReadUInt8());
            if (type == CnameItem)
                cname = text;
        }

        int length = reader.Position - start;
        reader.ReadBytes(-length & 3);
        return new SourceChunk(source, cname);
    }

    /// <summary>The walk through the chunks.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> chunks, int count)
        {
            _reader = new WireReader(chunks);
            _left = count;
            Current = default;
        }

        /// <summary>The chunk.</summary>
        public SourceChunk Current { get; private set; }

        /// <summary>Goes to the next chunk; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
                return false;

            _left--;
            Current = ReadChunk(ref _reader);
            return true;
        }
    }
}

/// <summary>What is said of one source.</summary>
public readonly ref struct SourceChunk
{
    internal SourceChunk(Ssrc source, ReadOnlySpan<byte> cname)
    {
        Source = source;
        Cname = cname;
    }

    /// <summary>Of whom.</summary>
    public Ssrc Source { get; }

    /// <summary>The canonical name (RFC 3550 section 6.5.1) in UTF-8, at most 255 bytes, as the sender wrote it; empty when there is none. Equal names mean one clock.</summary>
    public ReadOnlySpan<byte> Cname { get; }
}

/// <summary>That sources are gone (RFC 3550 section 6.6). A view of the packet.</summary>
/// <remarks>
/// <code>
/// |                        SC times an SSRC                       |
/// |    length     |  reason, of that many bytes, filled up to 4   |   may be missing
/// </code>
/// </remarks>
public readonly ref struct Goodbye
{
    private Goodbye(SsrcList sources, ReadOnlySpan<byte> reason)
    {
        Sources = sources;
        Reason = reason;
    }

    /// <summary>Who is gone.</summary>
    public SsrcList Sources { get; }

    /// <summary>Why, in UTF-8; empty when nothing is said. Any bytes may be in it.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>Reads the body of <paramref name="packet"/>.</summary>
    /// <returns><see langword="false"/> when it is of another type or something does not fit.</returns>
    public static bool TryRead(RtcpPacket packet, out Goodbye goodbye)
    {
        var reader = new WireReader(packet.Body);
        ReadOnlySpan<byte> sources = reader.ReadBytes(packet.Count * sizeof(uint));
        ReadOnlySpan<byte> reason = reader.AtEnd ? default : reader.ReadBytes(reader.ReadUInt8());
        goodbye = new Goodbye(new SsrcList(sources), reason);
        return packet.Type == RtcpType.Goodbye && !reader.Failed;
    }
}

/// <summary>Sources that stand one behind the other in a packet.</summary>
public readonly ref struct SsrcList
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal SsrcList(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Sources: 0 to 31.</summary>
    public int Count => _bytes.Length / sizeof(uint);

    /// <summary>Goes through the sources in their order.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>The walk through the sources.</summary>
    public ref struct Enumerator
    {
        private WireReader _reader;

        internal Enumerator(ReadOnlySpan<byte> bytes)
        {
            _reader = new WireReader(bytes);
            Current = default;
        }

        /// <summary>The source.</summary>
        public Ssrc Current { get; private set; }

        /// <summary>Goes to the next source; <see langword="false"/> behind the last one.</summary>
        public bool MoveNext()
        {
            if (_reader.AtEnd)
                return false;

            Current = new Ssrc(_reader.ReadUInt32());
            return true;
        }
    }
}
