using System.Security.Cryptography;
using RoomAgent.Crypto;
using RoomAgent.Wire;
using HashAlgorithm = RoomAgent.Crypto.HashAlgorithm;

namespace RoomAgent.Mls;

/// <summary>The cipher suites of RFC 9420 section 17.1.</summary>
public enum CipherSuiteId : ushort
{
    /// <summary>X25519, AES-128-GCM, SHA-256, Ed25519: the one that every implementation has.</summary>
    X25519Aes128GcmSha256Ed25519 = 0x0001,

    /// <summary>P-256, AES-128-GCM, SHA-256, ECDSA P-256: ours, because public certificate authorities issue such keys.</summary>
    P256Aes128GcmSha256P256 = 0x0002,

    /// <summary>X25519, ChaCha20-Poly1305, SHA-256, Ed25519.</summary>
    X25519ChaCha20Poly1305Sha256Ed25519 = 0x0003,

    /// <summary>X448, AES-256-GCM, SHA-512, Ed448.</summary>
    X448Aes256GcmSha512Ed448 = 0x0004,

    /// <summary>P-521, AES-256-GCM, SHA-512, ECDSA P-521.</summary>
    P521Aes256GcmSha512P521 = 0x0005,

    /// <summary>X448, ChaCha20-Poly1305, SHA-512, Ed448.</summary>
    X448ChaCha20Poly1305Sha512Ed448 = 0x0006,

    /// <summary>P-384, AES-256-GCM, SHA-384, ECDSA P-384.</summary>
    P384Aes256GcmSha384P384 = 0x0007,
}

/// <summary>A cipher suite on a provider, with the labeled operations of RFC 9420 section 5. Immutable.</summary>
public sealed class CipherSuite
{
    // Of every label that is signed, expanded or encrypted under (sections 5.1.2, 5.1.3 and 8).
    private static ReadOnlySpan<byte> Prefix => "MLS 1.0 "u8;

    private CipherSuite(ICryptoProvider crypto, CipherSuiteId id, KemGroup kem, AeadAlgorithm aead, HashAlgorithm hash, SignatureScheme signature)
    {
        Crypto = crypto;
        Id = id;
        Aead = aead;
        Hash = hash;
        Signature = signature;
        Hpke = new Hpke(crypto, kem, hash, aead);
    }

    /// <summary>The number of the suite.</summary>
    public CipherSuiteId Id { get; }

    /// <summary>The provider of the primitives.</summary>
    public ICryptoProvider Crypto { get; }

    /// <summary>The encryption to the public keys of the tree.</summary>
    public Hpke Hpke { get; }

    /// <summary>The encryption of messages.</summary>
    public AeadAlgorithm Aead { get; }

    /// <summary>The hash function, also below HMAC and HKDF.</summary>
    public HashAlgorithm Hash { get; }

    /// <summary>The signature scheme.</summary>
    public SignatureScheme Signature { get; }

    /// <summary>Bytes of a hash and of a secret: KDF.Nh.</summary>
    public int HashSize => Hash.Digest();

    /// <summary>The suite with the number <paramref name="id"/>, or <see langword="null"/> when there is none, such as for the numbers of GREASE.</summary>
    public static CipherSuite? Find(ICryptoProvider crypto, CipherSuiteId id) => id switch
    {
        CipherSuiteId.X25519Aes128GcmSha256Ed25519 => new(crypto, id, KemGroup.X25519, AeadAlgorithm.Aes128Gcm, HashAlgorithm.Sha256, SignatureScheme.Ed25519),
        CipherSuiteId.P256Aes128GcmSha256P256 => new(crypto, id, KemGroup.P256, AeadAlgorithm.Aes128Gcm, HashAlgorithm.Sha256, SignatureScheme.EcdsaSecp256r1Sha256),
        CipherSuiteId.X25519ChaCha20Poly1305Sha256Ed25519 => new(crypto, id, KemGroup.X25519, AeadAlgorithm.ChaCha20Poly1305, HashAlgorithm.Sha256, SignatureScheme.Ed25519),
        CipherSuiteId.X448Aes256GcmSha512Ed448 => new(crypto, id, KemGroup.X448, AeadAlgorithm.Aes256Gcm, HashAlgorithm.Sha512, SignatureScheme.Ed448),
        CipherSuiteId.P521Aes256GcmSha512P521 => new(crypto, id, KemGroup.P521, AeadAlgorithm.Aes256Gcm, HashAlgorithm.Sha512, SignatureScheme.EcdsaSecp521r1Sha512),
        CipherSuiteId.X448ChaCha20Poly1305Sha512Ed448 => new(crypto, id, KemGroup.X448, AeadAlgorithm.ChaCha20Poly1305, HashAlgorithm.Sha512, SignatureScheme.Ed448),
        CipherSuiteId.P384Aes256GcmSha384P384 => new(crypto, id, KemGroup.P384, AeadAlgorithm.Aes256Gcm, HashAlgorithm.Sha384, SignatureScheme.EcdsaSecp384r1Sha384),
        _ => null,
    };

    /// <summary>RefHash (section 5.2): the reference of a key package or proposal.</summary>
    /// <param name="label">The whole label, such as <c>MLS 1.0 KeyPackage Reference</c>.</param>
    /// <param name="value">The encoding of what is referred to.</param>
    public ByteString RefHash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> value)
    {
        using var input = WireWriter.Growing(value.Length + 64);
        input.WriteVector(label);
        input.WriteVector(value);
        return HashOf(input.Written);
    }

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public ByteString HashOf(ReadOnlySpan<byte> data)
    {
        byte[] digest = new byte[HashSize];
        Crypto.Hash(Hash, data, digest);
        return ByteString.Owning(digest);
    }

    /// <summary>MAC (section 5.1): HMAC with the suite's hash function.</summary>
    public ByteString Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        byte[] mac = new byte[HashSize];
        Crypto.Hmac(Hash, key, data, mac);
        return ByteString.Owning(mac);
    }

    /// <summary>Whether <paramref name="mac"/> has the right length and value, in constant time.</summary>
    public bool VerifyMac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[Sizes.LargestDigest];
        expected = expected[..HashSize];
        Crypto.Hmac(Hash, key, data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    /// <summary>ExpandWithLabel (section 8).</summary>
    public void ExpandWithLabel(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        using var kdfLabel = WireWriter.Growing(label.Length + context.Length + 32);
        kdfLabel.WriteUInt16(checked((ushort)output.Length));
        int start = kdfLabel.BeginVector();
        kdfLabel.WriteBytes(Prefix);
        kdfLabel.WriteBytes(label);
        kdfLabel.EndVector(start);
        kdfLabel.WriteVector(context);
        Crypto.HkdfExpand(Hash, secret, kdfLabel.Written, output);
    }

    /// <summary>DeriveSecret (section 8).</summary>
    public Secret DeriveSecret(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label)
    {
        var derived = new Secret(HashSize);
        ExpandWithLabel(secret, label, [], derived.Buffer);
        return derived;
    }

    /// <summary>DeriveTreeSecret (section 9.1), for the ratchets.</summary>
    public void DeriveTreeSecret(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, uint generation, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(context, generation);
        ExpandWithLabel(secret, label, context, output);
    }

    /// <summary>KDF.Extract (section 5.1).</summary>
    public Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> keyingMaterial)
    {
        var extracted = new Secret(HashSize);
        Crypto.HkdfExtract(Hash, salt, keyingMaterial, extracted.Buffer);
        return extracted;
    }

    /// <summary>SignWithLabel (section 5.1.2).</summary>
    public ByteString SignWithLabel(SigningKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        using WireWriter signContent = Labeled(label, content);
        Span<byte> signature = stackalloc byte[139];
        return ByteString.CopyOf(signature[..key.Sign(signContent.Written, signature)]);
    }

    /// <summary>VerifyWithLabel (section 5.1.2).</summary>
    public static bool VerifyWithLabel(VerifyingKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        using WireWriter signContent = Labeled(label, content);
        return key.Verify(signContent.Written, signature);
    }

    /// <summary>EncryptWithLabel (section 5.1.3).</summary>
    /// <returns><see langword="null"/> when the public key is one with which no secret can be agreed.</returns>
    public HpkeCiphertext? EncryptWithLabel(KemPublicKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext, IRandom random) =>
        Encrypt(key, EncryptContext(label, context), plaintext, random);

    /// <summary>The EncryptContext of section 5.1.3, taken in once for many recipients.</summary>
    internal HpkeInfo EncryptContext(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        using WireWriter encryptContext = Labeled(label, context);
        return Hpke.HashInfo(encryptContext.Written);
    }

    /// <summary>EncryptWithLabel with an <see cref="EncryptContext"/>.</summary>
    internal HpkeCiphertext? Encrypt(KemPublicKey key, HpkeInfo context, ReadOnlySpan<byte> plaintext, IRandom random)
    {
        byte[] enc = new byte[Hpke.EncapsulatedKeySize];
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        return Hpke.TrySeal(key, context, [], plaintext, random, enc, ciphertext)
            ? new HpkeCiphertext(ByteString.Owning(enc), ByteString.Owning(ciphertext))
            : null;
    }

    /// <summary>DecryptWithLabel (section 5.1.3).</summary>
    /// <returns><see langword="null"/> when it was not encrypted for this key under this label and context.</returns>
    public Secret? DecryptWithLabel(KemPrivateKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, HpkeCiphertext ciphertext)
    {
        if (ciphertext.Ciphertext.Length < Sizes.AeadTag)
            return null;

        using WireWriter encryptContext = Labeled(label, context);
        var plaintext = new Secret(ciphertext.Ciphertext.Length - Sizes.AeadTag);
        if (Hpke.TryOpen(ciphertext.KemOutput, key, encryptContext.Written, [], ciphertext.Ciphertext, plaintext.Buffer))
            return plaintext;

        plaintext.Dispose();
        return null;
    }

    // SignContent and EncryptContext have the same form: opaque label<V> = "MLS 1.0 " + label; opaque content<V>
    private static WireWriter Labeled(ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        var writer = WireWriter.Growing(label.Length + content.Length + 32);
        int start = writer.BeginVector();
        writer.WriteBytes(Prefix);
        writer.WriteBytes(label);
        writer.EndVector(start);
        writer.WriteVector(content);
        return writer;
    }
}
