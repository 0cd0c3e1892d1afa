using System.Security.Cryptography;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Trust;

/// <summary>A hub's identity key, P-256: the key by which a device knows its hub whatever its address and its TLS certificate.</summary>
internal sealed class HubKey
{
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly byte[] _publicKey;

    private HubKey(byte[] publicKey)
    {
        _publicKey = publicKey;
        Hash = SHA256.HashData(publicKey);
    }

    /// <summary>SHA-256 of its SubjectPublicKeyInfo.</summary>
    public byte[] Hash { get; }

    /// <summary>Six words; see <see cref="HubFingerprint"/>.</summary>
    public string Words => HubFingerprint.Text(Hash);

    /// <summary>Reads a SubjectPublicKeyInfo: <see langword="null"/> for anything but a point of P-256 in its one encoding.</summary>
    public static HubKey? Read(byte[]? publicKey)
    {
        if (publicKey is null or { Length: > 200 })
            return null;

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            bool isGood = key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 }
                && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey);
            return isGood ? new HubKey(publicKey) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether a signature (ECDSA with SHA-256, in DER) is the hub's over a statement.</summary>
    public bool HasSigned(HubStatement statement, byte[] signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_publicKey, out _);
        return key.VerifyData(statement.Encoded, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
