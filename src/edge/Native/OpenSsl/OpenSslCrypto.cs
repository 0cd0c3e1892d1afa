using RoomAgent.Crypto;

namespace RoomAgent.Native.OpenSsl;

/// <summary>The primitives on the distribution's OpenSSL 3 (3.0 in Debian 12, 3.5 in Debian 13).</summary>
/// <remarks>
/// Chosen over the classes of <c>System.Security.Cryptography</c>, which stand on the same library, because those import a P-256 key
/// many times slower, add some 0.5 us to each AES-GCM message, and know no X25519 or Ed25519.
/// <c>./bench</c> measures both side by side.
/// </remarks>
public sealed class OpenSslCrypto : ICryptoProvider
{
    private static readonly OpenSslCrypto s_instance = new();

    private OpenSslCrypto()
    {
    }

    /// <summary>The provider; it has no state of its own.</summary>
    /// <exception cref="DllNotFoundException">The library is missing; the message says what to install.</exception>
    public static OpenSslCrypto Instance
    {
        get
        {
            // Not in the constructor: what is thrown there arrives as a TypeInitializationException, which tells nobody what to install.
            OpenSslLibrary.Require();
            return s_instance;
        }
    }

    /// <inheritdoc/>
    public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key) =>
        key.Length == algorithm.Key() ? new OpenSslAead(algorithm, key) : null;

    /// <inheritdoc/>
    public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => key.Length is 16 or 32 ? new OpenSslKeystream(key) : null;

    /// <inheritdoc/>
    public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => new OpenSslMac(algorithm, key);

    /// <inheritdoc/>
    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) =>
        OpenSslDigest.Hash(algorithm, data, digest);

    /// <inheritdoc/>
    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac) =>
        OpenSslDigest.Hmac(algorithm, key, data, mac);

    /// <inheritdoc/>
    public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output) =>
        OpenSslDigest.Pbkdf2(algorithm, password, salt, iterations, output);

    /// <inheritdoc/>
    public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey) => scheme switch
    {
        SignatureScheme.Ed25519 or SignatureScheme.Ed448 => EdwardsSigningKey.Import(scheme, privateKey),
        _ => EcdsaSigningKey.Import(scheme, privateKey),
    };

    /// <inheritdoc/>
    public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) => scheme switch
    {
        SignatureScheme.Ed25519 or SignatureScheme.Ed448 => EdwardsVerifyingKey.Import(scheme, publicKey),
        _ => EcdsaVerifyingKey.Import(scheme, publicKey),
    };

    /// <inheritdoc/>
    public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey) => group switch
    {
        KemGroup.X25519 or KemGroup.X448 => MontgomeryPrivateKey.Import(group, privateKey),
        _ => NistPrivateKey.Import(group, privateKey),
    };

    /// <inheritdoc/>
    public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) => group switch
    {
        KemGroup.X25519 or KemGroup.X448 => MontgomeryPublicKey.Import(group, publicKey),
        _ => NistPublicKey.Import(group, publicKey),
    };
}
