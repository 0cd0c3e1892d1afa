using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;

namespace RoomAgent.Testing;

/// <summary>Signs certificates: with a key of ours, of any scheme, or with RSA of any size and hash function, bad ones included.</summary>
public sealed class TestSigner : X509SignatureGenerator
{
    private readonly byte[] _algorithm;
    private readonly Func<byte[], byte[]> _sign;
    private readonly PublicKey _publicKey;

    private TestSigner(PublicKey publicKey, byte[] algorithm, Func<byte[], byte[]> sign)
    {
        _publicKey = publicKey;
        _algorithm = algorithm;
        _sign = sign;
    }

    public static TestSigner Of(SigningKey key)
    {
        string algorithm = key.Scheme switch
        {
            SignatureScheme.EcdsaSecp256r1Sha256 => "1.2.840.10045.4.3.2",
            SignatureScheme.EcdsaSecp384r1Sha384 => "1.2.840.10045.4.3.3",
            SignatureScheme.EcdsaSecp521r1Sha512 => "1.2.840.10045.4.3.4",
            SignatureScheme.Ed25519 => "1.3.101.112",
            _ => "1.3.101.113",
        };
        return new TestSigner(PublicKeyOf(key.Scheme, key.PublicKey), Sequence(algorithm, null), data =>
        {
            byte[] signature = new byte[key.Scheme.LargestSignature()];
            return signature[..key.Sign(data, signature)];
        });
    }

    public static TestSigner Rsa(int bits, HashAlgorithmName hash)
    {
        var rsa = RSA.Create(bits);
        string algorithm = hash == HashAlgorithmName.SHA1 ? "1.2.840.113549.1.1.5" : "1.2.840.113549.1.1.11";
        return new TestSigner(new PublicKey(rsa), Sequence(algorithm, [0x05, 0x00]), data => rsa.SignData(data, hash, RSASignaturePadding.Pkcs1));
    }

    /// <summary>The public key of a scheme as certificates have it.</summary>
    public static PublicKey PublicKeyOf(SignatureScheme scheme, ReadOnlySpan<byte> key) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => EcKey("1.2.840.10045.3.1.7", key),
        SignatureScheme.EcdsaSecp384r1Sha384 => EcKey("1.3.132.0.34", key),
        SignatureScheme.EcdsaSecp521r1Sha512 => EcKey("1.3.132.0.35", key),
        SignatureScheme.Ed25519 => new PublicKey(new Oid("1.3.101.112"), null, new AsnEncodedData(key.ToArray())),
        _ => new PublicKey(new Oid("1.3.101.113"), null, new AsnEncodedData(key.ToArray())),
    };

    /// <summary>A key on any named curve.</summary>
    public static PublicKey EcKey(string curve, ReadOnlySpan<byte> point) =>
        new(new Oid("1.2.840.10045.2.1"), new AsnEncodedData(ObjectIdentifier(curve)), new AsnEncodedData(point.ToArray()));

    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => _algorithm;

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => _sign(data);

    protected override PublicKey BuildPublicKey() => _publicKey;

    private static byte[] Sequence(string algorithm, byte[]? parameters)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(algorithm);
            if (parameters is not null)
                writer.WriteEncodedValue(parameters);
        }

        return writer.Encode();
    }

    private static byte[] ObjectIdentifier(string id)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(id);
        return writer.Encode();
    }
}
