using RoomAgent.Crypto;

namespace RoomAgent.Mls;

/// <summary>The extensions that are read or left to path validation.</summary>
internal enum CertificateExtension
{
    Unknown,
    BasicConstraints,
    KeyUsage,
    ExtendedKeyUsage,
    SubjectAlternativeName,
    Policies,
    Limit,
}

/// <summary>The object identifiers of certificates that we know. Algorithms are compared with their parameters, so that there is one encoding of each.</summary>
internal static class KnownAlgorithms
{
    // RFC 5758 section 3.2: 1.2.840.10045.4.3.x without parameters; the last byte is 2, 3 or 4 for SHA-256, SHA-384 or SHA-512
    private static ReadOnlySpan<byte> EcdsaWithSha2 => [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];

    // RFC 4055 section 5: 1.2.840.113549.1.1.x with NULL; x is 11, 12 or 13
    private static ReadOnlySpan<byte> RsaPrefix => [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];

    // RFC 8410 section 3: 1.3.101.112 and 113 without parameters, for keys and signatures alike
    private static ReadOnlySpan<byte> Ed25519 => [0x06, 0x03, 0x2b, 0x65, 0x70];

    private static ReadOnlySpan<byte> Ed448 => [0x06, 0x03, 0x2b, 0x65, 0x71];

    // RFC 5480 section 2.1.1: 1.2.840.10045.2.1 with a named curve
    private static ReadOnlySpan<byte> EcKey => [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

    private static ReadOnlySpan<byte> P256 => [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

    private static ReadOnlySpan<byte> P384 => [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];

    private static ReadOnlySpan<byte> P521 => [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];

    // RFC 5280 section 4.2.1.12: 1.3.6.1.5.5.7.3.x
    private static ReadOnlySpan<byte> Purpose => [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03];

    private static ReadOnlySpan<byte> AnyPurpose => [0x55, 0x1d, 0x25, 0x00];

    public static bool IsStrongSignature(ReadOnlySpan<byte> algorithm)
    {
        if (algorithm.StartsWith(EcdsaWithSha2))
            return algorithm[EcdsaWithSha2.Length..] is [2 or 3 or 4];
        if (algorithm.StartsWith(RsaPrefix))
            return algorithm[RsaPrefix.Length..] is [11 or 12 or 13, 0x05, 0x00];

        return algorithm.SequenceEqual(Ed25519) || algorithm.SequenceEqual(Ed448);
    }

    /// <summary>The scheme that makes such signatures: with ECDSA the one of the curve that MLS uses with the hash function.</summary>
    public static SignatureScheme? FindSignatureScheme(ReadOnlySpan<byte> algorithm)
    {
        if (algorithm.StartsWith(EcdsaWithSha2))
        {
            return algorithm[EcdsaWithSha2.Length..] switch
            {
                [2] => SignatureScheme.EcdsaSecp256r1Sha256,
                [3] => SignatureScheme.EcdsaSecp384r1Sha384,
                [4] => SignatureScheme.EcdsaSecp521r1Sha512,
                _ => null,
            };
        }

        return FindScheme(algorithm) is SignatureScheme.Ed25519 or SignatureScheme.Ed448 ? FindScheme(algorithm) : null;
    }

    public static bool IsRsaKey(ReadOnlySpan<byte> algorithm) => algorithm.StartsWith(RsaPrefix) && algorithm[RsaPrefix.Length..] is [1, 0x05, 0x00];

    public static SignatureScheme? FindScheme(ReadOnlySpan<byte> algorithm)
    {
        if (algorithm.SequenceEqual(Ed25519))
            return SignatureScheme.Ed25519;
        if (algorithm.SequenceEqual(Ed448))
            return SignatureScheme.Ed448;
        if (!algorithm.StartsWith(EcKey))
            return null;

        ReadOnlySpan<byte> curve = algorithm[EcKey.Length..];
        if (curve.SequenceEqual(P256))
            return SignatureScheme.EcdsaSecp256r1Sha256;
        if (curve.SequenceEqual(P384))
            return SignatureScheme.EcdsaSecp384r1Sha384;

        return curve.SequenceEqual(P521) ? SignatureScheme.EcdsaSecp521r1Sha512 : null;
    }

    public static bool IsForParticipants(ReadOnlySpan<byte> purpose)
    {
        const byte serverAuth = 1, clientAuth = 2, emailProtection = 4;
        return purpose.SequenceEqual(AnyPurpose) || (purpose.StartsWith(Purpose) && purpose[Purpose.Length..] is [serverAuth or clientAuth or emailProtection]);
    }

    // RFC 5280 section 4.2.1: 2.5.29.x. Policies, and the limits by name constraints, policy mappings and constraints, and inhibitAnyPolicy,
    // are left to path validation.
    public static CertificateExtension FindExtension(ReadOnlySpan<byte> id) => id switch
    {
        [0x55, 0x1d, 15] => CertificateExtension.KeyUsage,
        [0x55, 0x1d, 17] => CertificateExtension.SubjectAlternativeName,
        [0x55, 0x1d, 19] => CertificateExtension.BasicConstraints,
        [0x55, 0x1d, 37] => CertificateExtension.ExtendedKeyUsage,
        [0x55, 0x1d, 32] => CertificateExtension.Policies,
        [0x55, 0x1d, 30 or 33 or 36 or 54] => CertificateExtension.Limit,
        _ => CertificateExtension.Unknown,
    };
}
