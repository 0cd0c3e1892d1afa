using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RoomAgent.Wire;

/// <summary>
/// Writes network byte order and MLS variable-length vectors, either into a buffer of the caller's that stays as large as it is,
/// or into one of its own that grows.
/// </summary>
/// <remarks>
/// In a buffer of fixed size the first write that does not fit marks the writer <see cref="Failed"/> and nothing more is written.
/// A growing writer rents its memory; <see cref="Dispose"/> zeroes it and gives it back, because much of what is written here is secret.
/// </remarks>
public ref struct WireWriter
{
    private const int SmallestRental = 256;

    private Span<byte> _buffer;
    private byte[]? _rented;
    private readonly bool _grows;
    private int _position;

    /// <summary>Writes into <paramref name="buffer"/>, from its start, and never past its end.</summary>
    public WireWriter(Span<byte> buffer) => _buffer = buffer;

    private WireWriter(byte[] rented)
    {
        _rented = rented;
        _buffer = rented;
        _grows = true;
    }

    /// <summary>A writer with memory of its own, which grows as needed. Dispose of it.</summary>
    /// <param name="sizeHint">Bytes expected; a good guess saves copies.</param>
    public static WireWriter Growing(int sizeHint = SmallestRental) =>
        new(ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, SmallestRental)));

    /// <summary>Whether a write did not fit into the caller's buffer.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes written.</summary>
    public readonly int Length => _position;

    /// <summary>What was written, valid until the next write or <see cref="Dispose"/>.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._position];

    /// <summary>A copy of what was written.</summary>
    public readonly byte[] ToArray() => Written.ToArray();

    /// <summary>Writes 1 byte.</summary>
    public void WriteUInt8(byte value)
    {
        Span<byte> field = Reserve(1);
        if (!Failed)
            field[0] = value;
    }

    /// <summary>Writes 2 bytes, most significant first.</summary>
    public void WriteUInt16(ushort value)
    {
        Span<byte> field = Reserve(2);
        if (!Failed)
            BinaryPrimitives.WriteUInt16BigEndian(field, value);
    }

    /// <summary>Writes 3 bytes, most significant first.</summary>
    /// <param name="value">0 to 2^24 - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> needs more than 3 bytes.</exception>
    public void WriteUInt24(uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 0xff_ffffu);
        Span<byte> field = Reserve(3);
        if (Failed)
            return;

        field[0] = (byte)(value >> 16);
        field[1] = (byte)(value >> 8);
        field[2] = (byte)value;
    }

    /// <summary>Writes 4 bytes, most significant first.</summary>
    public void WriteUInt32(uint value)
    {
        Span<byte> field = Reserve(4);
        if (!Failed)
            BinaryPrimitives.WriteUInt32BigEndian(field, value);
    }

    /// <summary>Writes 8 bytes, most significant first.</summary>
    public void WriteUInt64(ulong value)
    {
        Span<byte> field = Reserve(8);
        if (!Failed)
            BinaryPrimitives.WriteUInt64BigEndian(field, value);
    }

    /// <summary>Writes <paramref name="bytes"/> as they are.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        Span<byte> field = Reserve(bytes.Length);
        if (!Failed)
            bytes.CopyTo(field);
    }

    /// <summary>Writes the shortest form of a length of RFC 9420 section 2.1.2.</summary>
    /// <param name="value">0 to 2^30 - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is outside that range.</exception>
    public void WriteVarint(int value)
    {
        switch (Varint.SizeOf(value))
        {
            case 1:
                WriteUInt8((byte)value);
                break;
            case 2:
                WriteUInt16((ushort)(0x4000 | value));
                break;
            default:
                WriteUInt32(0x8000_0000u | (uint)value);
                break;
        }
    }

    /// <summary>Writes <c>opaque value&lt;V&gt;</c>: the length and the bytes.</summary>
    public void WriteVector(scoped ReadOnlySpan<byte> bytes)
    {
        WriteVarint(bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Starts a <c>&lt;V&gt;</c> vector whose length is not known yet. What is written up to <see cref="EndVector"/> is its content.</summary>
    /// <returns>What <see cref="EndVector"/> wants to be told. Vectors nest; the inner one ends first.</returns>
    public int BeginVector()
    {
        WriteUInt8(0);
        return _position;
    }

    /// <summary>Ends the vector that began at <paramref name="start"/> and puts its length before it.</summary>
    /// <exception cref="InvalidOperationException">The vector is longer than 2^30 - 1 bytes.</exception>
    public void EndVector(int start)
    {
        if (Failed)
            return;

        int length = _position - start;
        if (length > Varint.MaxValue)
            throw new InvalidOperationException("A vector holds at most 2^30 - 1 bytes.");

        // One byte was kept free for the length. A longer length moves the content up.
        int size = Varint.SizeOf(length);
        if (size > 1)
        {
            Reserve(size - 1);
            if (Failed)
                return;

            _buffer.Slice(start, length).CopyTo(_buffer[(start - 1 + size)..]);
        }

        int end = _position;
        _position = start - 1;
        WriteVarint(length);
        _position = end;
    }

    /// <summary>The next <paramref name="count"/> bytes to be filled by the caller at once; they count as written.</summary>
    /// <returns>The bytes, valid until the next write; empty when they do not fit.</returns>
    public Span<byte> Reserve(int count)
    {
        if (count > _buffer.Length - _position && !Grow(count))
            return default;

        Span<byte> field = _buffer.Slice(_position, count);
        _position += count;
        return field;
    }

    /// <summary>Zeroes and returns the memory of a growing writer. A caller's buffer is left as it is.</summary>
    public void Dispose()
    {
        Release(_rented, _position);
        _rented = null;
        _buffer = default;
        _position = 0;
    }

    private bool Grow(int count)
    {
        if (!_grows || Failed)
        {
            // Pretend to be full, so that a smaller write after this one does not fit either.
            Failed = true;
            _buffer = _buffer[.._position];
            return false;
        }

        int needed = checked(_position + count);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Min(2L * _buffer.Length, Array.MaxLength)));
        Written.CopyTo(larger);
        Release(_rented, _position);

        _rented = larger;
        _buffer = larger;
        return true;
    }

    private static void Release(byte[]? rented, int written)
    {
        if (rented is null)
            return;

        CryptographicOperations.ZeroMemory(rented.AsSpan(0, written));
        ArrayPool<byte>.Shared.Return(rented);
    }
}
