namespace RoomAgent.Crypto;

/// <summary>One key of authenticated encryption with associated data (RFC 5116), with its native context kept between messages.</summary>
/// <remarks>
/// Allocates nothing per message. One caller at a time.
/// A nonce never repeats under one key: that is the caller's duty.
/// </remarks>
public abstract class Aead : IDisposable
{
    /// <summary>The algorithm of the key.</summary>
    public abstract AeadAlgorithm Algorithm { get; }

    /// <summary>Encrypts <paramref name="plaintext"/> and authenticates it together with <paramref name="associatedData"/>.</summary>
    /// <param name="nonce">Exactly <see cref="Sizes.AeadNonce"/> bytes, new for each message.</param>
    /// <param name="associatedData">Authenticated, not encrypted; any number of bytes.</param>
    /// <param name="plaintext">Any number of bytes.</param>
    /// <param name="ciphertext">
    /// Exactly <see cref="Sizes.AeadTag"/> bytes longer than <paramref name="plaintext"/>: ciphertext, then tag.
    /// May start where <paramref name="plaintext"/> starts, and overlap it in no other way.
    /// </param>
    /// <exception cref="ArgumentException">A buffer has the wrong size or overlaps in another way.</exception>
    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>Verifies and decrypts what <see cref="Seal"/> made.</summary>
    /// <param name="nonce">The nonce it was sealed with; any length but <see cref="Sizes.AeadNonce"/> is refused.</param>
    /// <param name="associatedData">The bytes that were authenticated with it.</param>
    /// <param name="ciphertext">Ciphertext, then tag; fewer bytes than a tag are refused.</param>
    /// <param name="plaintext">
    /// At least <see cref="Sizes.AeadTag"/> bytes fewer than <paramref name="ciphertext"/>; what is beyond is left alone.
    /// May start where <paramref name="ciphertext"/> starts, and overlap it in no other way.
    /// </param>
    /// <returns><see langword="false"/> when it was not made with this key, nonce and associated data; <paramref name="plaintext"/> is then zeroed.</returns>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> is too short or overlaps in another way.</exception>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <summary>Zeroes and frees the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroes and frees the key.</summary>
    protected abstract void Dispose(bool disposing);
}
