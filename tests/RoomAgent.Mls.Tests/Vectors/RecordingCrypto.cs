using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>
/// A provider that remembers the private keys that go through it, by their public keys. Vectors publish private keys, which the library itself never gives out.
/// </summary>
internal sealed class RecordingCrypto(ICryptoProvider inner) : ICryptoProvider
{
    private readonly Dictionary<ByteString, ByteString> _private = [];

    public string PrivateKeyOf(ReadOnlySpan<byte> publicKey) => _private[ByteString.CopyOf(publicKey)].ToString();

    public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key) => inner.CreateAead(algorithm, key);

    public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => inner.CreateKeystream(key);

    public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => inner.CreateMac(algorithm, key);

    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => inner.Hash(algorithm, data, digest);

    public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output) =>
        inner.Pbkdf2(algorithm, password, salt, iterations, output);

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac) => inner.Hmac(algorithm, key, data, mac);

    public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey) => Remember(inner.ImportSigningKey(scheme, privateKey), privateKey);

    public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) => inner.ImportVerifyingKey(scheme, publicKey);

    public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey) => Remember(inner.ImportKemPrivateKey(group, privateKey), privateKey);

    public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) => inner.ImportKemPublicKey(group, publicKey);

    private T? Remember<T>(T? key, ReadOnlySpan<byte> privateKey)
        where T : Key
    {
        if (key is not null)
            _private[ByteString.CopyOf(key.PublicKey)] = ByteString.CopyOf(privateKey);
        return key;
    }
}
