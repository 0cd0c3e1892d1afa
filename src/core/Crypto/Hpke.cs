using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Crypto;

/// <summary>Hybrid public key encryption in base mode (RFC 9180), composed from the ports. Immutable.</summary>
/// <remarks>
/// The key encapsulation is DHKEM over the group, with the hash function that section 7.1 binds to the group;
/// the key derivation function of the suite may be another one.
/// </remarks>
public sealed class Hpke
{
    private const byte ModeBase = 0x00;

    private readonly ICryptoProvider _crypto;
    private readonly HashAlgorithm _kemHash;
    private readonly byte[] _kemSuiteId;
    private readonly byte[] _suiteId;
    private readonly byte[] _pskIdHash;

    /// <summary>A suite of the three algorithms.</summary>
    public Hpke(ICryptoProvider crypto, KemGroup kem, HashAlgorithm kdf, AeadAlgorithm aead)
    {
        _crypto = crypto;
        Kem = kem;
        Kdf = kdf;
        Aead = aead;
        _kemHash = kem switch
        {
            KemGroup.P256 or KemGroup.X25519 => HashAlgorithm.Sha256,
            KemGroup.P384 => HashAlgorithm.Sha384,
            KemGroup.P521 or KemGroup.X448 => HashAlgorithm.Sha512,
            _ => throw new ArgumentOutOfRangeException(nameof(kem)),
        };

        _kemSuiteId = [.. "KEM"u8, .. BigEndian((ushort)kem)];
        _suiteId = [.. "HPKE"u8, .. BigEndian((ushort)kem), .. BigEndian((ushort)kdf), .. BigEndian((ushort)aead)];

        // Base mode has no pre-shared key, so this part of every key schedule is the same.
        _pskIdHash = new byte[kdf.Digest()];
        LabeledExtract(kdf, _suiteId, [], "psk_id_hash"u8, [], _pskIdHash);
    }

    /// <summary>The group of the key encapsulation.</summary>
    public KemGroup Kem { get; }

    /// <summary>The hash function of the key schedule.</summary>
    public HashAlgorithm Kdf { get; }

    /// <summary>The algorithm of the messages.</summary>
    public AeadAlgorithm Aead { get; }

    /// <summary>Bytes of an encapsulated key: Nenc.</summary>
    public int EncapsulatedKeySize => Kem.PublicKey();

    /// <summary>DeriveKeyPair (section 7.1.3): the key pair that <paramref name="keyingMaterial"/> determines.</summary>
    /// <param name="keyingMaterial">At least <see cref="Sizes.PrivateKey(KemGroup)"/> unpredictable bytes.</param>
    /// <exception cref="CryptographicException">No candidate was a valid scalar, which happens with a probability below 2^-2000.</exception>
    public KemPrivateKey DeriveKeyPair(ReadOnlySpan<byte> keyingMaterial)
    {
        Span<byte> prk = stackalloc byte[Sizes.LargestDigest];
        Span<byte> candidate = stackalloc byte[Sizes.LargestSharedSecret];
        prk = prk[.._kemHash.Digest()];
        candidate = candidate[..Kem.PrivateKey()];
        LabeledExtract(_kemHash, _kemSuiteId, [], "dkp_prk"u8, keyingMaterial, prk);

        try
        {
            if (Kem is KemGroup.X25519 or KemGroup.X448)
            {
                LabeledExpand(_kemHash, _kemSuiteId, prk, "sk"u8, [], candidate);
                return _crypto.ImportKemPrivateKey(Kem, candidate) ?? throw new CryptographicException("The library refused a key of the right length.");
            }

            for (int counter = 0; counter <= 255; counter++)
            {
                LabeledExpand(_kemHash, _kemSuiteId, prk, "candidate"u8, [(byte)counter], candidate);
                if (Kem == KemGroup.P521)
                    candidate[0] &= 0x01;

                if (_crypto.ImportKemPrivateKey(Kem, candidate) is { } key)
                    return key;
            }

            throw new CryptographicException("DeriveKeyPair found no valid scalar.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prk);
            CryptographicOperations.ZeroMemory(candidate);
        }
    }

    /// <summary>GenerateKeyPair: a new key pair from <paramref name="random"/>.</summary>
    public KemPrivateKey GenerateKeyPair(IRandom random)
    {
        Span<byte> keyingMaterial = stackalloc byte[Sizes.LargestSharedSecret];
        keyingMaterial = keyingMaterial[..Kem.PrivateKey()];
        random.Fill(keyingMaterial);

        KemPrivateKey key = DeriveKeyPair(keyingMaterial);
        CryptographicOperations.ZeroMemory(keyingMaterial);
        return key;
    }

    /// <summary>SetupBaseS (section 5.1.1): a context for the owner of <paramref name="recipient"/>.</summary>
    /// <param name="recipient">A key of the group of this suite.</param>
    /// <param name="info">What both sides know and bind the context to.</param>
    /// <param name="random">Where the ephemeral key comes from.</param>
    /// <param name="encapsulatedKey">Receives what the recipient needs: exactly <see cref="EncapsulatedKeySize"/> bytes.</param>
    /// <returns><see langword="null"/> when the public key is one with which no secret can be agreed.</returns>
    /// <exception cref="ArgumentException">A key of another group, or a buffer of another size.</exception>
    public HpkeContext? SetupSender(KemPublicKey recipient, ReadOnlySpan<byte> info, IRandom random, Span<byte> encapsulatedKey)
    {
        using KemPrivateKey ephemeral = GenerateKeyPair(random);
        return SetupSender(recipient, info, ephemeral, encapsulatedKey);
    }

    /// <summary>SetupBaseS with an ephemeral key that the caller made: for published vectors, and for no other use, since it must be new each time.</summary>
    /// <inheritdoc cref="SetupSender(KemPublicKey, ReadOnlySpan{byte}, IRandom, Span{byte})"/>
    public HpkeContext? SetupSender(KemPublicKey recipient, ReadOnlySpan<byte> info, KemPrivateKey ephemeral, Span<byte> encapsulatedKey)
    {
        return SetupSender(recipient, HashInfo(info), ephemeral, encapsulatedKey);
    }

    /// <summary>SetupBaseR (section 5.1.1): the recipient's side of a context.</summary>
    /// <param name="encapsulatedKey">What the sender sent; anything.</param>
    /// <param name="recipient">The recipient's private key, of the group of this suite.</param>
    /// <param name="info">What both sides know and bind the context to.</param>
    /// <returns><see langword="null"/> when <paramref name="encapsulatedKey"/> is not a public key with which a secret can be agreed.</returns>
    public HpkeContext? SetupRecipient(ReadOnlySpan<byte> encapsulatedKey, KemPrivateKey recipient, ReadOnlySpan<byte> info)
    {
        using KemPublicKey? ephemeral = _crypto.ImportKemPublicKey(Kem, encapsulatedKey);
        return ephemeral is null ? null : Setup(recipient, ephemeral, encapsulatedKey, recipient.PublicKey, HashInfo(info), seals: false);
    }

    /// <summary>Takes in what both sides know, once for many recipients: it can be long, and its part of the key schedule is the same for all.</summary>
    public HpkeInfo HashInfo(ReadOnlySpan<byte> info)
    {
        byte[] hash = new byte[Kdf.Digest()];
        LabeledExtract(Kdf, _suiteId, [], "info_hash"u8, info, hash);
        return new HpkeInfo(this, hash);
    }

    /// <summary>Encrypts one message (section 6.1).</summary>
    /// <param name="recipient">A key of the group of this suite.</param>
    /// <param name="info">What both sides know and bind the context to.</param>
    /// <param name="associatedData">Authenticated, not encrypted.</param>
    /// <param name="plaintext">The message.</param>
    /// <param name="random">Where the ephemeral key comes from.</param>
    /// <param name="encapsulatedKey">Receives <see cref="EncapsulatedKeySize"/> bytes.</param>
    /// <param name="ciphertext">Receives the message and its tag: <see cref="Sizes.AeadTag"/> bytes longer than <paramref name="plaintext"/>.</param>
    /// <returns><see langword="false"/> when the public key is one with which no secret can be agreed.</returns>
    public bool TrySeal(
        KemPublicKey recipient,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> plaintext,
        IRandom random,
        Span<byte> encapsulatedKey,
        Span<byte> ciphertext) => TrySeal(recipient, HashInfo(info), associatedData, plaintext, random, encapsulatedKey, ciphertext);

    /// <inheritdoc cref="TrySeal(KemPublicKey, ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, IRandom, Span{byte}, Span{byte})"/>
    public bool TrySeal(
        KemPublicKey recipient,
        HpkeInfo info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> plaintext,
        IRandom random,
        Span<byte> encapsulatedKey,
        Span<byte> ciphertext)
    {
        using KemPrivateKey ephemeral = GenerateKeyPair(random);
        using HpkeContext? context = SetupSender(recipient, info, ephemeral, encapsulatedKey);
        context?.Seal(associatedData, plaintext, ciphertext);
        return context is not null;
    }

    /// <summary>Decrypts one message (section 6.1).</summary>
    /// <param name="encapsulatedKey">What the sender sent; anything.</param>
    /// <param name="recipient">The recipient's private key, of the group of this suite.</param>
    /// <param name="info">What both sides know and bind the context to.</param>
    /// <param name="associatedData">The bytes authenticated with it.</param>
    /// <param name="ciphertext">The message and its tag; anything.</param>
    /// <param name="plaintext">At least <see cref="Sizes.AeadTag"/> bytes fewer than <paramref name="ciphertext"/>.</param>
    /// <returns><see langword="false"/> when it was not sealed for this key with this info and associated data.</returns>
    public bool TryOpen(
        ReadOnlySpan<byte> encapsulatedKey,
        KemPrivateKey recipient,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> ciphertext,
        Span<byte> plaintext)
    {
        using HpkeContext? context = SetupRecipient(encapsulatedKey, recipient, info);
        return context is not null && context.TryOpen(associatedData, ciphertext, plaintext);
    }

    private HpkeContext? SetupSender(KemPublicKey recipient, HpkeInfo info, KemPrivateKey ephemeral, Span<byte> encapsulatedKey)
    {
        if (encapsulatedKey.Length != EncapsulatedKeySize)
            throw new ArgumentException($"An encapsulated key has {EncapsulatedKeySize} bytes.", nameof(encapsulatedKey));

        ephemeral.PublicKey.CopyTo(encapsulatedKey);
        return Setup(ephemeral, recipient, ephemeral.PublicKey, recipient.PublicKey, info, seals: true);
    }

    private HpkeContext? Setup(KemPrivateKey own, KemPublicKey peer, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> recipientPublicKey, HpkeInfo info, bool seals)
    {
        Span<byte> sharedSecret = stackalloc byte[Sizes.LargestDigest];
        sharedSecret = sharedSecret[.._kemHash.Digest()];

        HpkeContext? context = null;
        if (TryAgree(own, peer, enc, recipientPublicKey, sharedSecret))
            context = KeySchedule(sharedSecret, info, seals);

        CryptographicOperations.ZeroMemory(sharedSecret);
        return context;
    }

    // Encap and Decap (section 4.1) after the key generation: ExtractAndExpand(dh, enc || pkRm).
    private bool TryAgree(KemPrivateKey own, KemPublicKey peer, ReadOnlySpan<byte> enc, ReadOnlySpan<byte> recipientPublicKey, Span<byte> sharedSecret)
    {
        Span<byte> dh = stackalloc byte[Sizes.LargestSharedSecret];
        Span<byte> prk = stackalloc byte[Sizes.LargestDigest];
        Span<byte> kemContext = stackalloc byte[2 * Sizes.LargestPublicKey];
        dh = dh[..Kem.SharedSecret()];
        prk = prk[.._kemHash.Digest()];
        enc.CopyTo(kemContext);
        recipientPublicKey.CopyTo(kemContext[enc.Length..]);
        kemContext = kemContext[..(enc.Length + recipientPublicKey.Length)];

        if (!own.TryDerive(peer, dh))
            return false;

        LabeledExtract(_kemHash, _kemSuiteId, [], "eae_prk"u8, dh, prk);
        LabeledExpand(_kemHash, _kemSuiteId, prk, "shared_secret"u8, kemContext, sharedSecret);
        CryptographicOperations.ZeroMemory(dh);
        CryptographicOperations.ZeroMemory(prk);
        return true;
    }

    // KeySchedule (section 5.1) without a pre-shared key.
    private HpkeContext KeySchedule(ReadOnlySpan<byte> sharedSecret, HpkeInfo info, bool seals)
    {
        int digest = Kdf.Digest();
        Span<byte> context = stackalloc byte[1 + (2 * Sizes.LargestDigest)];
        context = context[..(1 + (2 * digest))];
        context[0] = ModeBase;
        _pskIdHash.CopyTo(context[1..]);
        info.HashFor(this).CopyTo(context[(1 + digest)..]);

        Span<byte> secret = stackalloc byte[Sizes.LargestDigest];
        secret = secret[..digest];
        LabeledExtract(Kdf, _suiteId, sharedSecret, "secret"u8, [], secret);

        Span<byte> key = stackalloc byte[32];
        key = key[..Aead.Key()];
        Span<byte> baseNonce = stackalloc byte[Sizes.AeadNonce];
        var exporterSecret = new Secret(digest);
        LabeledExpand(Kdf, _suiteId, secret, "key"u8, context, key);
        LabeledExpand(Kdf, _suiteId, secret, "base_nonce"u8, context, baseNonce);
        LabeledExpand(Kdf, _suiteId, secret, "exp"u8, context, exporterSecret.Buffer);

        Aead aead = _crypto.CreateAead(Aead, key) ?? throw new CryptographicException("The library refused a key of the right length.");
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(key);
        return new HpkeContext(this, aead, baseNonce, exporterSecret, seals);
    }

    // Export (section 5.3), for the context.
    internal void Export(ReadOnlySpan<byte> exporterSecret, ReadOnlySpan<byte> exporterContext, Span<byte> output) =>
        LabeledExpand(Kdf, _suiteId, exporterSecret, "sec"u8, exporterContext, output);

    // Section 4: Extract(salt, "HPKE-v1" || suite_id || label || ikm)
    private void LabeledExtract(HashAlgorithm hash, ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        using var labeledIkm = WireWriter.Growing(64 + ikm.Length);
        labeledIkm.WriteBytes("HPKE-v1"u8);
        labeledIkm.WriteBytes(suiteId);
        labeledIkm.WriteBytes(label);
        labeledIkm.WriteBytes(ikm);
        _crypto.HkdfExtract(hash, salt, labeledIkm.Written, prk);
    }

    // Section 4: Expand(prk, I2OSP(L, 2) || "HPKE-v1" || suite_id || label || info, L)
    private void LabeledExpand(HashAlgorithm hash, ReadOnlySpan<byte> suiteId, ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        using var labeledInfo = WireWriter.Growing(64 + info.Length);
        labeledInfo.WriteUInt16(checked((ushort)output.Length));
        labeledInfo.WriteBytes("HPKE-v1"u8);
        labeledInfo.WriteBytes(suiteId);
        labeledInfo.WriteBytes(label);
        labeledInfo.WriteBytes(info);
        _crypto.HkdfExpand(hash, prk, labeledInfo.Written, output);
    }

    private static byte[] BigEndian(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}

/// <summary>What both sides of an encryption know, as the key schedule of one suite takes it in: made by <see cref="Hpke.HashInfo"/>. Immutable.</summary>
public sealed class HpkeInfo
{
    private readonly Hpke _suite;
    private readonly byte[] _hash;

    internal HpkeInfo(Hpke suite, byte[] hash)
    {
        _suite = suite;
        _hash = hash;
    }

    /// <exception cref="ArgumentException">Another suite made it.</exception>
    internal ReadOnlySpan<byte> HashFor(Hpke suite) =>
        suite == _suite ? _hash : throw new ArgumentException("What both sides know was taken in for another suite.", nameof(suite));
}
