namespace RoomAgent.Crypto;

/// <summary>A key that lives in the cryptographic library until it is disposed of, when its private part is zeroed.</summary>
public abstract class Key : IDisposable
{
    private readonly byte[] _publicKey;

    /// <summary>Remembers the encoding of the public part.</summary>
    protected Key(ReadOnlySpan<byte> publicKey) => _publicKey = publicKey.ToArray();

    /// <summary>The public part as it is sent: an uncompressed point (SEC 1), or the bytes of RFC 7748 or RFC 8032.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>Zeroes and frees the native key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroes and frees the native key.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>A private signature key.</summary>
public abstract class SigningKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) : Key(publicKey)
{
    /// <summary>The scheme of the key.</summary>
    public SignatureScheme Scheme { get; } = scheme;

    /// <summary>Signs <paramref name="message"/>.</summary>
    /// <param name="message">The message itself, not a digest; any number of bytes.</param>
    /// <param name="signature">At least <see cref="Sizes.LargestSignature"/> bytes.</param>
    /// <returns>How many bytes of <paramref name="signature"/> were written.</returns>
    /// <exception cref="ArgumentException"><paramref name="signature"/> is too short.</exception>
    public abstract int Sign(ReadOnlySpan<byte> message, Span<byte> signature);
}

/// <summary>A public signature key, imported once and kept.</summary>
public abstract class VerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) : Key(publicKey)
{
    /// <summary>The scheme of the key.</summary>
    public SignatureScheme Scheme { get; } = scheme;

    /// <summary>Whether <paramref name="signature"/> was made over <paramref name="message"/> by the owner of this key.</summary>
    /// <param name="message">The message itself, not a digest.</param>
    /// <param name="signature">Any bytes. An ECDSA signature in anything but strict DER is refused.</param>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}

/// <summary>A public Diffie-Hellman key, imported once and kept.</summary>
public abstract class KemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) : Key(publicKey)
{
    /// <summary>The group of the key.</summary>
    public KemGroup Group { get; } = group;
}

/// <summary>A private Diffie-Hellman key.</summary>
public abstract class KemPrivateKey(KemGroup group, ReadOnlySpan<byte> publicKey) : Key(publicKey)
{
    /// <summary>The group of the key.</summary>
    public KemGroup Group { get; } = group;

    /// <summary>Computes the Diffie-Hellman result with <paramref name="peer"/>: an x-coordinate (SEC 1), or the bytes of RFC 7748.</summary>
    /// <param name="peer">A key of the same group from the same provider.</param>
    /// <param name="sharedSecret">Exactly <see cref="Sizes.SharedSecret"/> bytes.</param>
    /// <returns>
    /// <see langword="false"/> when the result is the neutral element: an all-zero result of X25519 or X448, or the point at infinity.
    /// <paramref name="sharedSecret"/> is then zeroed.
    /// </returns>
    /// <exception cref="ArgumentException">Another group or provider, or a buffer of another size.</exception>
    public abstract bool TryDerive(KemPublicKey peer, Span<byte> sharedSecret);
}
