using System.Buffers.Binary;

namespace RoomAgent.Wire;

/// <summary>
/// Reads network byte order and MLS variable-length vectors from bytes that a stranger may have sent.
/// </summary>
/// <remarks>
/// <para>
/// A reader never throws for what the bytes say. The first read that does not fit marks it <see cref="Failed"/>; from then on
/// every read gives zero or nothing and the reader is at its end, so a decoder reads all its fields in the order of the wire and asks once.
/// A loop over <see cref="AtEnd"/> therefore always terminates, and a length from the wire never leads to an allocation
/// larger than the bytes that really came.
/// </para>
/// <para>Spans that it returns are views of the input and live as long as that.</para>
/// </remarks>
public ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>Starts at the first of <paramref name="bytes"/>.</summary>
    public WireReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Whether some read did not fit, or a decoder called <see cref="Fail"/>.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether nothing is left to read. True of a failed reader.</summary>
    public readonly bool AtEnd => _position == _bytes.Length;

    /// <summary>Whether everything fitted and nothing is left over: what a decoder of a whole message returns.</summary>
    public readonly bool Complete => !Failed && AtEnd;

    /// <summary>Bytes consumed so far; the length of the input once the reader has failed.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left; 0 once the reader has failed.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>The bytes consumed since <paramref name="start"/>, an earlier <see cref="Position"/>: what a signature or hash covers.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start.._position];

    /// <summary>Refuses the input for a reason that only the decoder sees, such as a value outside an enumeration.</summary>
    public void Fail()
    {
        Failed = true;
        _position = _bytes.Length;
    }

    /// <summary>Reads 1 byte.</summary>
    public byte ReadUInt8()
    {
        ReadOnlySpan<byte> field = Take(1);
        return Failed ? (byte)0 : field[0];
    }

    /// <summary>Reads 2 bytes, most significant first.</summary>
    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> field = Take(2);
        return Failed ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    /// <summary>Reads 3 bytes, most significant first: 0 to 2^24 - 1.</summary>
    public uint ReadUInt24()
    {
        ReadOnlySpan<byte> field = Take(3);
        return Failed ? 0 : (uint)((field[0] << 16) | (field[1] << 8) | field[2]);
    }

    /// <summary>Reads 4 bytes, most significant first.</summary>
    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> field = Take(4);
        return Failed ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    /// <summary>Reads 8 bytes, most significant first.</summary>
    public ulong ReadUInt64()
    {
        ReadOnlySpan<byte> field = Take(8);
        return Failed ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>Reads <paramref name="count"/> bytes as they are.</summary>
    /// <param name="count">Bytes, of a number that may come from the wire; a negative one is refused like one that does not fit.</param>
    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count);

    /// <summary>Reads all that is left.</summary>
    public ReadOnlySpan<byte> ReadRest() => Take(Remaining);

    /// <summary>
    /// Reads a variable-size vector length of RFC 9420 section 2.1.2: 1, 2 or 4 bytes, told by the first two bits.
    /// A number in more bytes than it needs, and the reserved prefix 11, are refused.
    /// </summary>
    /// <returns>0 to 2^30 - 1.</returns>
    public int ReadVarint()
    {
        if (AtEnd)
        {
            Fail();
            return 0;
        }

        int size = 1 << (_bytes[_position] >> 6);
        if (size > Varint.LargestSize)
        {
            Fail();
            return 0;
        }

        ReadOnlySpan<byte> field = Take(size);
        if (Failed)
            return 0;

        int value = field[0] & 0x3f;
        foreach (byte next in field[1..])
            value = (value << 8) | next;

        if (Varint.SizeOf(value) != size)
        {
            Fail();
            return 0;
        }

        return value;
    }

    /// <summary>Reads <c>opaque value&lt;V&gt;</c>: a length by <see cref="ReadVarint"/> and that many bytes.</summary>
    public ReadOnlySpan<byte> ReadVector() => Take(ReadVarint());

    /// <summary>
    /// Reads the next <c>&lt;V&gt;</c> vector as a reader of its own, for a list of structures.
    /// The caller reads it until <see cref="AtEnd"/> and fails this reader when that one <see cref="Failed"/>.
    /// </summary>
    public WireReader ReadNested()
    {
        var nested = new WireReader(ReadVector());
        if (Failed)
            nested.Fail();

        return nested;
    }

    // The one place where bounds are checked.
    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining || Failed)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> field = _bytes.Slice(_position, count);
        _position += count;
        return field;
    }
}
