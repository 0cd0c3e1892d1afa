namespace RoomAgent.Crypto;

/// <summary>Authenticated encryption with associated data (RFC 5116). The numbers are those of HPKE (RFC 9180 section 7.3).</summary>
public enum AeadAlgorithm : ushort
{
    /// <summary>AES-128 in Galois/Counter Mode: 16-byte key.</summary>
    Aes128Gcm = 0x0001,

    /// <summary>AES-256 in Galois/Counter Mode: 32-byte key.</summary>
    Aes256Gcm = 0x0002,

    /// <summary>ChaCha20-Poly1305 (RFC 8439): 32-byte key.</summary>
    ChaCha20Poly1305 = 0x0003,
}

/// <summary>
/// The functions of FIPS 180-4, for digests, HMAC (RFC 2104) and HKDF (RFC 5869). The numbers of the SHA-2 functions are HPKE's for HKDF (RFC 9180 section 7.2).
/// </summary>
public enum HashAlgorithm : ushort
{
    /// <summary>
    /// 20-byte digest. Only below HMAC, where STUN (RFC 8489) and AES_CM_128_HMAC_SHA1_80 (RFC 3711) still want it and its collisions do no harm. Without a number in HPKE.
    /// </summary>
    Sha1 = 0x0000,

    /// <summary>32-byte digest.</summary>
    Sha256 = 0x0001,

    /// <summary>48-byte digest.</summary>
    Sha384 = 0x0002,

    /// <summary>64-byte digest.</summary>
    Sha512 = 0x0003,
}

/// <summary>Signature schemes. The numbers are those of TLS 1.3 (RFC 8446 section 4.2.3), which MLS uses too.</summary>
public enum SignatureScheme : ushort
{
    /// <summary>ECDSA over P-256 with SHA-256, signatures in DER.</summary>
    EcdsaSecp256r1Sha256 = 0x0403,

    /// <summary>ECDSA over P-384 with SHA-384, signatures in DER.</summary>
    EcdsaSecp384r1Sha384 = 0x0503,

    /// <summary>ECDSA over P-521 with SHA-512, signatures in DER.</summary>
    EcdsaSecp521r1Sha512 = 0x0603,

    /// <summary>Ed25519 (RFC 8032), pure.</summary>
    Ed25519 = 0x0807,

    /// <summary>Ed448 (RFC 8032), pure, empty context.</summary>
    Ed448 = 0x0808,
}

/// <summary>Diffie-Hellman groups with their HPKE key encapsulation (RFC 9180 section 7.1), which gives the numbers.</summary>
public enum KemGroup : ushort
{
    /// <summary>NIST P-256; HKDF-SHA256.</summary>
    P256 = 0x0010,

    /// <summary>NIST P-384; HKDF-SHA384.</summary>
    P384 = 0x0011,

    /// <summary>NIST P-521; HKDF-SHA512.</summary>
    P521 = 0x0012,

    /// <summary>X25519 (RFC 7748); HKDF-SHA256.</summary>
    X25519 = 0x0020,

    /// <summary>X448 (RFC 7748); HKDF-SHA512.</summary>
    X448 = 0x0021,
}

/// <summary>The sizes, in bytes, that the standards give to the algorithms.</summary>
public static class Sizes
{
    /// <summary>Bytes of the nonce of every <see cref="AeadAlgorithm"/>.</summary>
    public const int AeadNonce = 12;

    /// <summary>Bytes of the authentication tag of every <see cref="AeadAlgorithm"/>.</summary>
    public const int AeadTag = 16;

    /// <summary>Bytes of the longest digest: room for any on the stack.</summary>
    public const int LargestDigest = 64;

    /// <summary>Bytes of the longest Diffie-Hellman result, P-521's x-coordinate.</summary>
    public const int LargestSharedSecret = 66;

    /// <summary>Bytes of the longest public key, an uncompressed point of P-521.</summary>
    public const int LargestPublicKey = 133;

    /// <summary>Bytes of the key of <paramref name="algorithm"/>.</summary>
    public static int Key(this AeadAlgorithm algorithm) => algorithm switch
    {
        AeadAlgorithm.Aes128Gcm => 16,
        AeadAlgorithm.Aes256Gcm => 32,
        AeadAlgorithm.ChaCha20Poly1305 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Bytes of a digest, and of an HMAC, of <paramref name="algorithm"/>.</summary>
    public static int Digest(this HashAlgorithm algorithm) => algorithm switch
    {
        HashAlgorithm.Sha1 => 20,
        HashAlgorithm.Sha256 => 32,
        HashAlgorithm.Sha384 => 48,
        HashAlgorithm.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Bytes of a private key of <paramref name="group"/>: Nsk of RFC 9180.</summary>
    public static int PrivateKey(this KemGroup group) => group switch
    {
        KemGroup.P256 or KemGroup.X25519 => 32,
        KemGroup.P384 => 48,
        KemGroup.P521 => 66,
        KemGroup.X448 => 56,
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    /// <summary>Bytes of a public key of <paramref name="group"/>, an uncompressed point or a u-coordinate: Npk, and Nenc, of RFC 9180.</summary>
    public static int PublicKey(this KemGroup group) => group switch
    {
        KemGroup.P256 => 65,
        KemGroup.P384 => 97,
        KemGroup.P521 => 133,
        KemGroup.X25519 => 32,
        KemGroup.X448 => 56,
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    /// <summary>Bytes of a Diffie-Hellman result of <paramref name="group"/>: Ndh of RFC 9180, always as long as a private key.</summary>
    public static int SharedSecret(this KemGroup group) => group.PrivateKey();

    /// <summary>Bytes of a private key of <paramref name="scheme"/>: a big-endian scalar, or the seed of RFC 8032.</summary>
    public static int PrivateKey(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 or SignatureScheme.Ed25519 => 32,
        SignatureScheme.EcdsaSecp384r1Sha384 => 48,
        SignatureScheme.EcdsaSecp521r1Sha512 => 66,
        SignatureScheme.Ed448 => 57,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    /// <summary>Bytes of a public key of <paramref name="scheme"/>: an uncompressed point, or the encoding of RFC 8032.</summary>
    public static int PublicKey(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => 65,
        SignatureScheme.EcdsaSecp384r1Sha384 => 97,
        SignatureScheme.EcdsaSecp521r1Sha512 => 133,
        SignatureScheme.Ed25519 => 32,
        SignatureScheme.Ed448 => 57,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    /// <summary>Bytes of the longest signature of <paramref name="scheme"/>; one of ECDSA varies because DER does.</summary>
    public static int LargestSignature(this SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => 72,
        SignatureScheme.EcdsaSecp384r1Sha384 => 104,
        SignatureScheme.EcdsaSecp521r1Sha512 => 139,
        SignatureScheme.Ed25519 => 64,
        SignatureScheme.Ed448 => 114,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };
}
