using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.Stun;

/// <summary>The 96 random bits that tie an answer to its request (RFC 8489 section 5).</summary>
/// <param name="High">The first 4 bytes.</param>
/// <param name="Low">The other 8.</param>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 12;

    /// <summary>Reads one.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public static StunTransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]));

    /// <summary>A new one that nobody can guess.</summary>
    public static StunTransactionId Generate(IRandom random)
    {
        Span<byte> bytes = stackalloc byte[Size];
        random.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Writes it.</summary>
    /// <param name="bytes">Room for <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[4..], Low);
    }
}
