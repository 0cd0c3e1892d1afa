namespace RoomAgent.Crypto;

/// <summary>
/// The cryptographic primitives that the protocols are composed from. The device's implementation is in <c>RoomAgent.Native</c>,
/// on the distribution's OpenSSL.
/// </summary>
/// <remarks>
/// Keys, nonces, messages and tags come from strangers: what they can get wrong is answered with <see langword="null"/> or
/// <see langword="false"/>, never with an exception. Exceptions mean a mistake of ours, such as a buffer of the wrong size, or a broken library.
/// A provider and the keys it makes may be used from several threads; an <see cref="Aead"/>, a <see cref="Keystream"/> and a <see cref="Mac"/> have one caller at a time.
/// </remarks>
public interface ICryptoProvider
{
    /// <summary>Makes an AEAD with its key set, to be kept as long as the key.</summary>
    /// <returns><see langword="null"/> when <paramref name="key"/> has not the length that <paramref name="algorithm"/> wants.</returns>
    Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key);

    /// <summary>Makes the keystream of AES in counter mode with its key set, to be kept as long as the key.</summary>
    /// <returns><see langword="null"/> when <paramref name="key"/> has neither 16 nor 32 bytes.</returns>
    Keystream? CreateKeystream(ReadOnlySpan<byte> key);

    /// <summary>Makes HMAC (RFC 2104) with its key set, to be kept as long as the key.</summary>
    /// <param name="algorithm">The hash function below.</param>
    /// <param name="key">Any number of bytes, none included.</param>
    Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key);

    /// <summary>Digests <paramref name="data"/> into <paramref name="digest"/>.</summary>
    /// <param name="algorithm">Which function.</param>
    /// <param name="data">Any number of bytes.</param>
    /// <param name="digest">Exactly <see cref="Sizes.Digest"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="digest"/> has another size.</exception>
    void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest);

    /// <summary>Computes HMAC (RFC 2104) of <paramref name="data"/> under <paramref name="key"/> into <paramref name="mac"/>.</summary>
    /// <param name="algorithm">The hash function below.</param>
    /// <param name="key">Any number of bytes, none included.</param>
    /// <param name="data">Any number of bytes. May overlap <paramref name="mac"/>.</param>
    /// <param name="mac">Exactly <see cref="Sizes.Digest"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="mac"/> has another size.</exception>
    void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac);

    /// <summary>Stretches a password by PBKDF2 (RFC 8018 section 5.2) with HMAC.</summary>
    /// <param name="algorithm">The hash function below HMAC.</param>
    /// <param name="password">Any number of bytes.</param>
    /// <param name="salt">Any number of bytes.</param>
    /// <param name="iterations">1 or more.</param>
    /// <param name="output">Filled: 1 byte or more.</param>
    /// <exception cref="ArgumentException">No iteration, or nothing to fill.</exception>
    void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output);

    /// <summary>Takes a private signature key: a big-endian scalar, or the seed of RFC 8032.</summary>
    /// <returns><see langword="null"/> when the length is wrong, or the scalar is zero or not below the order of the group.</returns>
    SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey);

    /// <summary>Takes a public signature key: an uncompressed point (SEC 1), or the encoding of RFC 8032.</summary>
    /// <returns><see langword="null"/> when the length or form is wrong or the point is not on the curve.</returns>
    VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey);

    /// <summary>Takes a private Diffie-Hellman key: a big-endian scalar, or the bytes of RFC 7748.</summary>
    /// <returns><see langword="null"/> when the length is wrong, or the scalar is zero or not below the order of the group.</returns>
    KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey);

    /// <summary>Takes a public Diffie-Hellman key: an uncompressed point (SEC 1), or a u-coordinate of RFC 7748.</summary>
    /// <returns><see langword="null"/> when the length or form is wrong or the point is not on the curve.</returns>
    KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey);
}

/// <summary>Where unpredictable bytes come from. Tests give a seeded one and get the same bytes on every run.</summary>
public interface IRandom
{
    /// <summary>Fills <paramref name="bytes"/>.</summary>
    void Fill(Span<byte> bytes);
}
