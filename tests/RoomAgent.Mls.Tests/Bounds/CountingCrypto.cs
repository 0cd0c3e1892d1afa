using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;

namespace RoomAgent.Mls.Tests.Bounds;

/// <summary>The device's provider, with its operations counted.</summary>
internal sealed class CountingCrypto : ICryptoProvider
{
    private static readonly OpenSslCrypto s_inner = OpenSslCrypto.Instance;

    /// <summary>Signatures verified.</summary>
    public int Verifications { get; private set; }

    /// <summary>Public keys imported.</summary>
    public int Imports { get; private set; }

    /// <summary>Multiplications with a private key: agreements, and key pairs that were derived or generated.</summary>
    public int Multiplications { get; private set; }

    public int Hashes { get; private set; }

    public int Hmacs { get; private set; }

    public void Reset() => (Verifications, Imports, Multiplications, Hashes, Hmacs) = (0, 0, 0, 0, 0);

    public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key) => s_inner.CreateAead(algorithm, key);

    public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => s_inner.CreateKeystream(key);

    public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => s_inner.CreateMac(algorithm, key);

    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest)
    {
        Hashes++;
        s_inner.Hash(algorithm, data, digest);
    }

    public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output) =>
        s_inner.Pbkdf2(algorithm, password, salt, iterations, output);

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac)
    {
        Hmacs++;
        s_inner.Hmac(algorithm, key, data, mac);
    }

    public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey) => s_inner.ImportSigningKey(scheme, privateKey);

    public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey)
    {
        Imports++;
        return s_inner.ImportVerifyingKey(scheme, publicKey) is { } key ? new CountingVerifyingKey(this, key) : null;
    }

    public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey)
    {
        Multiplications++;
        return s_inner.ImportKemPrivateKey(group, privateKey) is { } key ? new CountingPrivateKey(this, key) : null;
    }

    public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey)
    {
        Imports++;
        return s_inner.ImportKemPublicKey(group, publicKey);
    }

    private sealed class CountingVerifyingKey(CountingCrypto counts, VerifyingKey inner) : VerifyingKey(inner.Scheme, inner.PublicKey)
    {
        public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
        {
            counts.Verifications++;
            return inner.Verify(message, signature);
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }

    private sealed class CountingPrivateKey(CountingCrypto counts, KemPrivateKey inner) : KemPrivateKey(inner.Group, inner.PublicKey)
    {
        public override bool TryDerive(KemPublicKey peer, Span<byte> sharedSecret)
        {
            counts.Multiplications++;
            return inner.TryDerive(peer, sharedSecret);
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
