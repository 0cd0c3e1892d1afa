using System.Security.Cryptography;

namespace RoomAgent.Crypto;

/// <summary>HKDF (RFC 5869), composed from the HMAC of a provider.</summary>
public static class Hkdf
{
    private const int OnStack = 512;

    /// <summary>HKDF-Extract (section 2.2): a pseudorandom key from input keying material.</summary>
    /// <param name="crypto">The provider of HMAC.</param>
    /// <param name="algorithm">The hash function below.</param>
    /// <param name="salt">Any number of bytes; none counts as a digest of zeros.</param>
    /// <param name="keyingMaterial">Any number of bytes.</param>
    /// <param name="pseudorandomKey">Exactly <see cref="Sizes.Digest"/> bytes.</param>
    public static void HkdfExtract(this ICryptoProvider crypto, HashAlgorithm algorithm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyingMaterial, Span<byte> pseudorandomKey) =>
        crypto.Hmac(algorithm, salt, keyingMaterial, pseudorandomKey);

    /// <summary>HKDF-Expand (section 2.3): output keying material of any length from a pseudorandom key.</summary>
    /// <param name="crypto">The provider of HMAC.</param>
    /// <param name="algorithm">The hash function below.</param>
    /// <param name="pseudorandomKey">At least <see cref="Sizes.Digest"/> bytes.</param>
    /// <param name="info">Any number of bytes.</param>
    /// <param name="output">At most 255 digests. When it is longer than one, it does not overlap <paramref name="pseudorandomKey"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="output"/> is longer than that, or overlaps.</exception>
    public static void HkdfExpand(this ICryptoProvider crypto, HashAlgorithm algorithm, ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        int digest = algorithm.Digest();
        if (output.Length > 255 * digest)
            throw new ArgumentException("HKDF-Expand gives at most 255 digests.", nameof(output));
        if (output.Length > digest && output.Overlaps(pseudorandomKey))
            throw new ArgumentException("The second digest needs the key that the first one would replace.", nameof(output));

        // T(i) = HMAC(PRK, T(i-1) || info || i). The block holds those three; T(0) is empty.
        int blockSize = digest + info.Length + 1;
        Span<byte> block = blockSize <= OnStack ? stackalloc byte[OnStack] : new byte[blockSize];
        block = block[..blockSize];
        info.CopyTo(block[digest..]);
        Span<byte> last = block[..digest];

        for (byte i = 1; !output.IsEmpty; i++)
        {
            block[^1] = i;
            crypto.Hmac(algorithm, pseudorandomKey, i == 1 ? block[digest..] : block, last);

            int taken = Math.Min(digest, output.Length);
            last[..taken].CopyTo(output);
            output = output[taken..];
        }

        CryptographicOperations.ZeroMemory(block);
    }
}
