using System.Diagnostics;

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

    /// <summary>A hash that is seeded anew in each process, so that a stranger cannot choose bytes which collide.</summary>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The bytes in lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
}
