using System.Formats.Asn1;
using System.Numerics;
using RoomAgent.Crypto;

namespace RoomAgent.Mls.Tests;

/// <summary>
/// A provider whose ECDSA draws nothing: the number that each signature needs follows from key and message, in the spirit of RFC 6979.
/// OpenSSL draws that number itself, so that only with this one a run can be compared with another to the byte. For tests alone: it is slow and not in constant time.
/// </summary>
internal sealed class RepeatableEcdsa(ICryptoProvider inner) : ICryptoProvider
{
    public Aead? CreateAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key) => inner.CreateAead(algorithm, key);

    public Keystream? CreateKeystream(ReadOnlySpan<byte> key) => inner.CreateKeystream(key);

    public Mac CreateMac(HashAlgorithm algorithm, ReadOnlySpan<byte> key) => inner.CreateMac(algorithm, key);

    public void Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data, Span<byte> digest) => inner.Hash(algorithm, data, digest);

    public void Pbkdf2(HashAlgorithm algorithm, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> output) =>
        inner.Pbkdf2(algorithm, password, salt, iterations, output);

    public void Hmac(HashAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac) => inner.Hmac(algorithm, key, data, mac);

    public VerifyingKey? ImportVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) => inner.ImportVerifyingKey(scheme, publicKey);

    public KemPrivateKey? ImportKemPrivateKey(KemGroup group, ReadOnlySpan<byte> privateKey) => inner.ImportKemPrivateKey(group, privateKey);

    public KemPublicKey? ImportKemPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey) => inner.ImportKemPublicKey(group, publicKey);

    public SigningKey? ImportSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> privateKey) =>
        inner.ImportSigningKey(scheme, privateKey) is { } key
            ? Curve.Of(scheme) is { } curve ? new Key(inner, curve, key, privateKey.ToArray()) : key
            : null;

    private sealed record Curve(KemGroup Group, HashAlgorithm Hash, BigInteger Order)
    {
        public static Curve? Of(SignatureScheme scheme) => scheme switch
        {
            SignatureScheme.EcdsaSecp256r1Sha256 => new(KemGroup.P256, HashAlgorithm.Sha256, Number("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")),
            SignatureScheme.EcdsaSecp384r1Sha384 => new(KemGroup.P384, HashAlgorithm.Sha384, Number("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973")),
            SignatureScheme.EcdsaSecp521r1Sha512 => new(KemGroup.P521, HashAlgorithm.Sha512, Number("01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409")),
            _ => null,
        };

        private static BigInteger Number(string hex) => Read(Convert.FromHexString(hex));
    }

    private sealed class Key(ICryptoProvider crypto, Curve curve, SigningKey inner, byte[] privateKey) : SigningKey(inner.Scheme, inner.PublicKey)
    {
        // r = x(kG) mod n, s = k^-1 (z + r d) mod n
        public override int Sign(ReadOnlySpan<byte> message, Span<byte> signature)
        {
            byte[] digest = new byte[curve.Hash.Digest()];
            crypto.Hash(curve.Hash, message, digest);

            for (byte attempt = 0; ; attempt++)
            {
                byte[] drawn = new byte[curve.Group.PrivateKey()];
                crypto.HkdfExpand(curve.Hash, digest, [.. privateKey, attempt], drawn);
                if (curve.Group == KemGroup.P521)
                    drawn[0] &= 1;

                using KemPrivateKey? nonce = crypto.ImportKemPrivateKey(curve.Group, drawn);
                if (nonce is null)
                    continue;

                BigInteger r = Read(nonce.PublicKey.Slice(1, drawn.Length)) % curve.Order;
                BigInteger s = BigInteger.ModPow(Read(drawn), curve.Order - 2, curve.Order) * (Read(digest) + (r * Read(privateKey))) % curve.Order;
                var der = new AsnWriter(AsnEncodingRules.DER);
                using (der.PushSequence())
                {
                    der.WriteInteger(r);
                    der.WriteInteger(s);
                }

                return der.Encode(signature);
            }
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }

    private static BigInteger Read(ReadOnlySpan<byte> bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);
}
