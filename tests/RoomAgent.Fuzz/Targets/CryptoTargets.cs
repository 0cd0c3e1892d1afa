using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class CryptoTargets
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;
    private static readonly SignatureScheme[] s_schemes = Enum.GetValues<SignatureScheme>();
    private static readonly KemGroup[] s_groups = Enum.GetValues<KemGroup>();

    private static readonly Aead[] s_aeads = [.. Enum.GetValues<AeadAlgorithm>().Select(a => s_crypto.CreateAead(a, new byte[a.Key()])!)];
    private static readonly Hpke[] s_suites = [.. s_groups.Select(g => new Hpke(s_crypto, g, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm))];
    private static readonly KemPrivateKey[] s_recipients = [.. s_suites.Select(s => s.GenerateKeyPair(new SeededRandom(1)))];
    private static readonly SigningKey[] s_signers = [.. s_schemes.Select(NewSigner)];
    private static readonly byte[][] s_signatures = [.. s_signers.Select(NewSignature)];
    private static readonly VerifyingKey[] s_verifiers = [.. s_signers.Select(s => s_crypto.ImportVerifyingKey(s.Scheme, s.PublicKey)!)];

    /// <summary>algorithm, nonce&lt;V&gt;, associated data&lt;V&gt;, ciphertext</summary>
    public static FuzzTarget AeadOpen { get; } = new("aead-open", input =>
    {
        var reader = new WireReader(input);
        Aead aead = s_aeads[reader.ReadUInt8() % s_aeads.Length];
        ReadOnlySpan<byte> nonce = reader.ReadVector();
        ReadOnlySpan<byte> associatedData = reader.ReadVector();
        ReadOnlySpan<byte> ciphertext = reader.ReadRest();
        aead.TryOpen(nonce, associatedData, ciphertext, new byte[ciphertext.Length]);
    }, () => s_aeads.Select((aead, i) =>
    {
        byte[] ciphertext = new byte[40 + Sizes.AeadTag];
        aead.Seal(new byte[Sizes.AeadNonce], "data"u8, new byte[40], ciphertext);
        return (byte[])[(byte)i, Sizes.AeadNonce, .. new byte[Sizes.AeadNonce], 4, .. "data"u8, .. ciphertext];
    }));

    /// <summary>group, kem_output&lt;V&gt;, ciphertext&lt;V&gt;, info</summary>
    public static FuzzTarget HpkeOpen { get; } = new("hpke-open", input =>
    {
        var reader = new WireReader(input);
        int group = reader.ReadUInt8() % s_groups.Length;
        ReadOnlySpan<byte> enc = reader.ReadVector();
        ReadOnlySpan<byte> ciphertext = reader.ReadVector();
        s_suites[group].TryOpen(enc, s_recipients[group], reader.ReadRest(), [], ciphertext, new byte[ciphertext.Length]);
    }, () => s_suites.Select((suite, i) =>
    {
        using KemPublicKey recipient = s_crypto.ImportKemPublicKey(suite.Kem, s_recipients[i].PublicKey)!;
        byte[] enc = new byte[suite.EncapsulatedKeySize];
        byte[] ciphertext = new byte[5 + Sizes.AeadTag];
        suite.TrySeal(recipient, "info"u8, [], "hello"u8, new SeededRandom(2), enc, ciphertext);

        var writer = new WireWriter(new byte[512]);
        writer.WriteUInt8((byte)i);
        writer.WriteVector(enc);
        writer.WriteVector(ciphertext);
        writer.WriteBytes("info"u8);
        return writer.ToArray();
    }));

    /// <summary>kind, key. A key that is taken is also used: some bytes turn out to be no point only then.</summary>
    public static FuzzTarget PublicKeys { get; } = new("public-key", input =>
    {
        var reader = new WireReader(input);
        int kind = reader.ReadUInt8();
        ReadOnlySpan<byte> key = reader.ReadRest();
        using VerifyingKey? verifying = s_crypto.ImportVerifyingKey(s_schemes[kind % s_schemes.Length], key);
        verifying?.Verify("message"u8, s_signatures[kind % s_schemes.Length]);

        using KemPublicKey? peer = s_crypto.ImportKemPublicKey(s_groups[kind % s_groups.Length], key);
        if (peer is not null)
            s_recipients[kind % s_groups.Length].TryDerive(peer, new byte[peer.Group.SharedSecret()]);
    }, () =>
    [
        .. s_signers.Select((key, i) => (byte[])[(byte)i, .. key.PublicKey]),
        .. s_recipients.Select((key, i) => (byte[])[(byte)i, .. key.PublicKey]),
    ]);

    /// <summary>scheme, message&lt;V&gt;, signature</summary>
    public static FuzzTarget Signatures { get; } = new("signature", input =>
    {
        var reader = new WireReader(input);
        VerifyingKey key = s_verifiers[reader.ReadUInt8() % s_verifiers.Length];
        ReadOnlySpan<byte> message = reader.ReadVector();
        key.Verify(message, reader.ReadRest());
    }, () => s_signatures.Select((signature, i) => (byte[])[(byte)i, 7, .. "message"u8, .. signature]));

    private static byte[] NewSignature(SigningKey key)
    {
        byte[] signature = new byte[key.Scheme.LargestSignature()];
        return signature[..key.Sign("message"u8, signature)];
    }

    private static SigningKey NewSigner(SignatureScheme scheme)
    {
        using Secret privateKey = SignatureKeys.Generate(s_crypto, new SeededRandom(1), scheme);
        return s_crypto.ImportSigningKey(scheme, privateKey.Bytes)!;
    }
}
