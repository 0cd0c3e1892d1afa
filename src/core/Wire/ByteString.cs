using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RoomAgent.Wire;

/// <summary>Bytes that do not change and are equal when their content is: identifiers, public keys, hashes, encodings. Not for secrets.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly struct ByteString : IEquatable<ByteString>
{
    private readonly byte[]? _bytes;

    private ByteString(byte[] bytes) => _bytes = bytes;

    /// <summary>No bytes.</summary>
    public static ByteString Empty => default;

    /// <summary>Bytes.</summary>
    public int Length => _bytes?.Length ?? 0;

    /// <summary>Whether there are no bytes.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes, to read.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>A copy of <paramref name="bytes"/>.</summary>
    public static ByteString CopyOf(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? Empty : new ByteString(bytes.ToArray());

    /// <summary>Takes <paramref name="bytes"/> over without a copy; nobody may write to them any more.</summary>
    public static ByteString Owning(byte[] bytes) => new(bytes);

    /// <summary>The bytes, to read.</summary>
    public static implicit operator ReadOnlySpan<byte>(ByteString bytes) => bytes.Span;

    /// <summary>Whether both have the same bytes.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <summary>A hash that is keyed anew in each process, so that a stranger cannot choose bytes which collide.</summary>
    public override int GetHashCode()
    {
        // The hash of strings (Marvin) is made for this. That of HashCode has a seed too, but collisions that fit any seed.
        ReadOnlySpan<byte> bytes = Span;
        int pairs = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));
        return bytes.Length % 2 == 0 ? pairs : HashCode.Combine(pairs, bytes[^1]);
    }

    /// <summary>The bytes in lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
}
