using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Crypto;
using RoomAgent.Wire;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Stun;

/// <summary>A short-term credential (RFC 8489 section 9.1): a user name and a key, with the HMAC contexts kept.</summary>
/// <remarks>
/// The key is bytes and used as they are: whoever takes passwords from people prepares them with OpaqueString (RFC 8265) first. Here they are random.
/// Allocates nothing per message. One caller at a time.
/// </remarks>
public sealed class StunCredential : IDisposable
{
    /// <summary>The longest user name, in bytes (RFC 8489 section 14.3).</summary>
    public const int LongestUsername = 508;

    private readonly Mac _sha1;
    private readonly Mac _sha256;

    /// <summary>Takes a name and a key.</summary>
    /// <param name="crypto">Computes the HMACs.</param>
    /// <param name="username">1 to <see cref="LongestUsername"/> bytes of UTF-8, sent in the clear.</param>
    /// <param name="key">The password's bytes; copied.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the key is empty.</exception>
    public StunCredential(ICryptoProvider crypto, ReadOnlySpan<byte> username, ReadOnlySpan<byte> key)
    {
        if (username.IsEmpty || username.Length > LongestUsername)
            throw new ArgumentException("A user name has 1 to 508 bytes.", nameof(username));
        if (key.IsEmpty)
            throw new ArgumentException("An empty key protects nothing.", nameof(key));

        Username = ByteString.CopyOf(username);
        _sha1 = crypto.CreateMac(HashAlgorithm.Sha1, key);
        _sha256 = crypto.CreateMac(HashAlgorithm.Sha256, key);
    }

    /// <summary>Who it is.</summary>
    public ByteString Username { get; }

    /// <summary>Zeroes the key.</summary>
    public void Dispose()
    {
        _sha1.Dispose();
        _sha256.Dispose();
    }

    /// <summary>Whether <paramref name="mac"/> is the beginning of the HMAC, in a time that depends on lengths alone.</summary>
    internal bool Verify(HashAlgorithm algorithm, ReadOnlySpan<byte> covered, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[Sizes.LargestDigest];
        expected = expected[..mac.Length];
        Compute(algorithm, covered, mac.Length, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    /// <summary>The HMAC over a message up to its integrity attribute, as if the message ended with that attribute (section 14.5).</summary>
    /// <param name="algorithm">SHA-1 or SHA-256.</param>
    /// <param name="covered">Header and attributes in front; the length in the header may be anything.</param>
    /// <param name="valueLength">Bytes of the attribute's value.</param>
    /// <param name="mac">Gets that many bytes.</param>
    internal void Compute(HashAlgorithm algorithm, ReadOnlySpan<byte> covered, int valueLength, Span<byte> mac)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(covered.Length - StunMessage.HeaderSize + StunMessage.AttributeHeaderSize + valueLength));

        Mac context = algorithm == HashAlgorithm.Sha1 ? _sha1 : _sha256;
        context.Append(covered[..2]);
        context.Append(length);
        context.Append(covered[4..]);
        context.Finish(mac);
    }
}
