using System.Security.Cryptography;
using RoomAgent.Enrolment;

namespace RoomAgent.Hub.Identity;

/// <summary>
/// The key by which rooms know their hub, for as long as the hub exists: P-256, apart from the TLS key, which may change any day.
/// It signs <see cref="HubStatement"/>s and nothing else.
/// </summary>
public sealed class HubIdentity : IDisposable
{
    private const string Purpose = "hub-identity";

    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    private HubIdentity(ECDsa key)
    {
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        KeyHash = SHA256.HashData(PublicKey);
        Fingerprint = HubFingerprint.Text(KeyHash);
    }

    /// <summary>The public key, a SubjectPublicKeyInfo in DER.</summary>
    public byte[] PublicKey { get; }

    /// <summary>SHA-256 of <see cref="PublicKey"/>, which is in the setup code.</summary>
    public byte[] KeyHash { get; }

    /// <summary>Six words with hyphens between them; see <see cref="HubFingerprint"/>.</summary>
    public string Fingerprint { get; }

    /// <summary>Signs a statement.</summary>
    /// <returns>The signature in DER.</returns>
    public byte[] Sign(HubStatement statement)
    {
        lock (_lock)
            return _key.SignData(statement.Encoded.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>Loads the key, which is made at first start.</summary>
    /// <exception cref="CryptographicException">The secret does not belong to this database.</exception>
    internal static async Task<HubIdentity> OpenAsync(KeyStore keys, HubSecret secret, TimeProvider clock, CancellationToken cancel = default) =>
        new((await keys.LoadOrCreateAsync(Purpose, secret, clock, cancel)).Unwrap(secret));
}
