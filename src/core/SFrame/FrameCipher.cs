using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Crypto;

namespace RoomAgent.SFrame;

/// <summary>The AEAD of a suite with its key set. The same contract as <see cref="Aead"/>, with a tag of the suite's length.</summary>
internal abstract class FrameCipher : IDisposable
{
    /// <summary>Sets <paramref name="key"/>, of <see cref="SFrameSizes.Key"/> bytes, for <paramref name="suite"/>.</summary>
    public static FrameCipher Create(ICryptoProvider crypto, SFrameCipherSuite suite, ReadOnlySpan<byte> key) => suite switch
    {
        SFrameCipherSuite.Aes128GcmSha256 => new GcmFrameCipher(crypto.CreateAead(AeadAlgorithm.Aes128Gcm, key)!),
        SFrameCipherSuite.Aes256GcmSha512 => new GcmFrameCipher(crypto.CreateAead(AeadAlgorithm.Aes256Gcm, key)!),
        _ => new CtrHmacFrameCipher(crypto, suite, key),
    };

    /// <summary>Bytes of the tag.</summary>
    public abstract int Tag { get; }

    /// <summary>Encrypts and authenticates; <paramref name="ciphertext"/> is <see cref="Tag"/> bytes longer than <paramref name="plaintext"/>.</summary>
    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>Verifies and decrypts; <paramref name="plaintext"/> is <see cref="Tag"/> bytes shorter than <paramref name="ciphertext"/>, and zeroed when it is refused.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    public abstract void Dispose();
}

/// <summary>The suites whose AEAD is one already.</summary>
internal sealed class GcmFrameCipher(Aead aead) : FrameCipher
{
    public override int Tag => Sizes.AeadTag;

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        aead.Seal(nonce, associatedData, plaintext, ciphertext);

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        aead.TryOpen(nonce, associatedData, ciphertext, plaintext);

    public override void Dispose() => aead.Dispose();
}

/// <summary>AES in counter mode with HMAC over the ciphertext (RFC 9605 section 4.5.1).</summary>
/// <remarks>
/// <code>
/// enc_key = key[..Nka]   auth_key = key[Nka..]   first counter block = nonce || 0x00000000
/// tag = HMAC(auth_key, uint64(len(aad)) || uint64(len(ct)) || uint64(Nt) || nonce || aad || ct)[..Nt]
/// </code>
/// </remarks>
internal sealed class CtrHmacFrameCipher : FrameCipher
{
    private const int Lengths = 3 * sizeof(ulong);

    private readonly Keystream _keystream;
    private readonly Mac _mac;

    public CtrHmacFrameCipher(ICryptoProvider crypto, SFrameCipherSuite suite, ReadOnlySpan<byte> key)
    {
        Tag = suite.Tag();
        int encryptionKey = suite.EncryptionKey();
        _keystream = crypto.CreateKeystream(key[..encryptionKey])!;
        _mac = crypto.CreateMac(suite.Hash(), key[encryptionKey..]);
    }

    public override int Tag { get; }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> text = ciphertext[..plaintext.Length];
        Apply(nonce, plaintext, text);
        Authenticate(nonce, associatedData, text, ciphertext[plaintext.Length..]);
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        ReadOnlySpan<byte> text = ciphertext[..^Tag];
        Span<byte> tag = stackalloc byte[SFrameSizes.LargestTag];
        tag = tag[..Tag];
        Authenticate(nonce, associatedData, text, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, ciphertext[^Tag..]))
        {
            plaintext.Clear();
            return false;
        }

        Apply(nonce, text, plaintext);
        return true;
    }

    public override void Dispose()
    {
        _keystream.Dispose();
        _mac.Dispose();
    }

    private void Apply(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<byte> block = stackalloc byte[Keystream.CounterBlock];
        nonce.CopyTo(block);
        block[SFrameSizes.Nonce..].Clear();
        _keystream.Apply(block, input, output);
    }

    private void Authenticate(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> text, Span<byte> tag)
    {
        Span<byte> start = stackalloc byte[Lengths + SFrameSizes.Nonce];
        BinaryPrimitives.WriteUInt64BigEndian(start, (ulong)associatedData.Length);
        BinaryPrimitives.WriteUInt64BigEndian(start[8..], (ulong)text.Length);
        BinaryPrimitives.WriteUInt64BigEndian(start[16..], (ulong)Tag);
        nonce.CopyTo(start[Lengths..]);

        _mac.Append(start);
        _mac.Append(associatedData);
        _mac.Append(text);
        _mac.Finish(tag);
    }
}
