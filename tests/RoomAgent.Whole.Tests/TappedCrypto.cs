using System.Collections.Concurrent;
using RoomAgent.Agent.Ports;
using RoomAgent.Crypto;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// A room's cryptography, which remembers every secret that passes through its port: what HMAC is keyed with and HKDF gives (all of MLS and SFrame), private keys, keys of
/// authenticated encryption; and the frames as they were before they were sealed. The product has no door by which these come out, and needs none for this.
/// </summary>
internal sealed class TappedCrypto : ICryptoProvider
{
    private const int Start = 16;

    private readonly OpenSslCrypto _inner = OpenSslCrypto.Instance;

    /// <summary>The first bytes of each secret of the meeting, with what it is.</summary>
    public ConcurrentDictionary<ByteString, string> Secrets { get; } = new();

    /// <summary>The first bytes of the keys of the hops, which the media node has too.</summary>
    public ConcurrentDictionary<ByteString, string> HopKeys { get; } = new();

    /// <summary>Encoded frames before they were sealed.</summary>
    public ConcurrentQueue<byte[]> Frames { get; } = new();

    /// <summary>The same frames, sealed.</summary>
    public ConcurrentQueue<byte[]> Sealed { get; } = new();

    public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        // What seals frames came from HKDF; what protects hops did not (RFC 3711 section 4.3).
        bool isOfHop = algorithm == AeadAlgorithm.Aes256Gcm && !Secrets.ContainsKey(StartOf(key));
        if (isOfHop)
            HopKeys.TryAdd(StartOf(key), "hop key");
        else
            Keep(key, "key of authenticated encryption");

        Aead? made = _inner.CreateAead(algorithm, key);
        return made is null || isOfHop || algorithm != AeadAlgorithm.Aes256Gcm ? made : new TappedAead(made, this);
    }

    public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => _inner.CreateKeystream(key);

    public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => _inner.CreateMac(algorithm, key);

    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => _inner.Hash(algorithm, data, digest);

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Keep(key, "key of HMAC");

        // HKDF-Expand, by its labels; other results, such as the tags of messages, are public.
        string? expanded = IsAt(3, "MLS 1.0 "u8, data, mac.Length) ? "secret of MLS" : IsAt(0, "SFrame 1.0 "u8, data, mac.Length) ? "key of SFrame" : IsAt(2, "HPKE-v1"u8, data, mac.Length) ? "secret of HPKE" : null;
        _inner.Hmac(algorithm, key, data, mac);
        if (expanded is not null)
            Keep(mac, expanded);
    }

    public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output)
    {
        Keep(password, "epoch authenticator");
        _inner.Pbkdf2(algorithm, password, salt, iterations, output);
    }

    public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey)
    {
        Keep(privateKey, "signature key");
        return _inner.ImportSigningKey(scheme, privateKey);
    }

    public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) => _inner.ImportVerifyingKey(scheme, publicKey);

    public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey)
    {
        Keep(privateKey, "HPKE key");
        return _inner.ImportKemPrivateKey(group, privateKey);
    }

    public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) => _inner.ImportKemPublicKey(group, publicKey);

    // Behind the digest before it, when it is not the first.
    private static bool IsAt(int place, ReadOnlySpan<byte> label, ReadOnlySpan<byte> data, int digest) => data.IndexOf(label) is var at && (at == place || at == digest + place);

    private static ByteString StartOf(ReadOnlySpan<byte> secret) => ByteString.CopyOf(secret[..Math.Min(Start, secret.Length)]);

    // Salts of zeros or of nothing are no secrets.
    private void Keep(ReadOnlySpan<byte> secret, string what)
    {
        if (secret.Length >= Start && secret[..Start].ContainsAnyExcept((byte)0))
            Secrets.TryAdd(StartOf(secret), what);
    }

    private sealed class TappedAead(Aead inner, TappedCrypto tap) : Aead
    {
        public override AeadAlgorithm Algorithm => inner.Algorithm;

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
        {
            tap.Frames.Enqueue(plaintext.ToArray());
            inner.Seal(nonce, associatedData, plaintext, ciphertext);
            tap.Sealed.Enqueue(ciphertext.ToArray());
        }

        public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
            inner.TryOpen(nonce, associatedData, ciphertext, plaintext);

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}

/// <summary>Who is who, with tapped cryptography below it.</summary>
/// <param name="trust">The room's own.</param>
/// <param name="tap">The cryptography.</param>
internal sealed class TappedTrust(IMeetingTrust trust, TappedCrypto tap) : IMeetingTrust
{
    public CipherSuite Suite { get; } = CipherSuite.Find(tap, trust.Suite.Id)!;

    public IRandom Random => trust.Random;

    public IMeetingIdentities IdentitiesOf(RoomPolicy policy) => trust.IdentitiesOf(policy);

    public MemberOpinion Judge(Credential credential, ByteString signatureKey, DateTimeOffset date) => trust.Judge(credential, signatureKey, date);

    public void LearnAuthorities(IReadOnlyList<ReadOnlyMemory<byte>> certificates) => trust.LearnAuthorities(certificates);
}
