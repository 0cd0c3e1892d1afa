using System.Buffers.Binary;

namespace RoomAgent.Crypto;

/// <summary>An HPKE encryption context (RFC 9180 section 5.2): messages in sequence, and secrets exported from the agreement.</summary>
/// <remarks>The sender's context seals and the recipient's opens: both count from the same nonce, so one that did both would use it twice. One caller at a time.</remarks>
public sealed class HpkeContext : IDisposable
{
    private readonly Hpke _suite;
    private readonly Aead _aead;
    private readonly byte[] _baseNonce;
    private readonly Secret _exporterSecret;
    private readonly bool _seals;
    private ulong _sequence;

    internal HpkeContext(Hpke suite, Aead aead, ReadOnlySpan<byte> baseNonce, Secret exporterSecret, bool seals)
    {
        _suite = suite;
        _aead = aead;
        _baseNonce = baseNonce.ToArray();
        _exporterSecret = exporterSecret;
        _seals = seals;
    }

    /// <summary>Encrypts the next message.</summary>
    /// <param name="associatedData">Authenticated, not encrypted.</param>
    /// <param name="plaintext">The message.</param>
    /// <param name="ciphertext"><see cref="Sizes.AeadTag"/> bytes longer than <paramref name="plaintext"/>.</param>
    /// <exception cref="InvalidOperationException">The context is a recipient's.</exception>
    /// <exception cref="OverflowException">2^64 messages were sealed.</exception>
    public void Seal(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        if (!_seals)
            throw new InvalidOperationException("A recipient's context opens and does not seal.");

        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        ComputeNonce(nonce);
        _aead.Seal(nonce, associatedData, plaintext, ciphertext);
        _sequence = checked(_sequence + 1);
    }

    /// <summary>Decrypts the next message. The sequence moves on only when it was the right one.</summary>
    /// <param name="associatedData">The bytes authenticated with it.</param>
    /// <param name="ciphertext">The message and its tag; anything.</param>
    /// <param name="plaintext">At least <see cref="Sizes.AeadTag"/> bytes fewer than <paramref name="ciphertext"/>.</param>
    /// <returns><see langword="false"/> when it is not the next message of this context.</returns>
    /// <exception cref="InvalidOperationException">The context is a sender's.</exception>
    public bool TryOpen(ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (_seals)
            throw new InvalidOperationException("A sender's context seals and does not open.");

        Span<byte> nonce = stackalloc byte[Sizes.AeadNonce];
        ComputeNonce(nonce);
        if (!_aead.TryOpen(nonce, associatedData, ciphertext, plaintext))
            return false;

        _sequence = checked(_sequence + 1);
        return true;
    }

    /// <summary>Derives a secret that both sides share (section 5.3).</summary>
    /// <param name="exporterContext">What the secret is for.</param>
    /// <param name="output">At most 255 digests of the suite's key derivation function.</param>
    public void Export(ReadOnlySpan<byte> exporterContext, Span<byte> output) =>
        _suite.Export(_exporterSecret.Bytes, exporterContext, output);

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        _aead.Dispose();
        _exporterSecret.Dispose();
    }

    // base_nonce XOR I2OSP(seq, Nn)
    private void ComputeNonce(Span<byte> nonce)
    {
        _baseNonce.CopyTo(nonce);
        Span<byte> low = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ _sequence);
    }
}
