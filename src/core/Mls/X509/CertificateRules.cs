namespace RoomAgent.Mls;

/// <summary>
/// The rules for certificate chains in credentials that can be decided from the bytes alone, and therefore are decided alike by everyone.
/// The test <c>BadIdentityTests</c> breaks each of them.
/// </summary>
public static class CertificateRules
{
    /// <summary>Another kind of credential.</summary>
    public static readonly Refusal NotX509 = new(RefusalReason.Validation, "x509.credential", "The credential is a chain of X.509 certificates (RFC 9420 section 5.3).");

    /// <summary>How many certificates.</summary>
    public static readonly Refusal Count = new(RefusalReason.Validation, "x509.count", "A chain has at least one certificate and at most as many as are supported.");

    /// <summary>How large they are.</summary>
    public static readonly Refusal Size = new(RefusalReason.Validation, "x509.size", "A certificate is not larger than is supported.");

    /// <summary>The encoding.</summary>
    public static readonly Refusal Encoding = new(RefusalReason.Codec, "x509.encoding", "A certificate is one of version 3, in DER and nothing after it (RFC 5280 section 4.1).");

    /// <summary>Extensions that nobody understands.</summary>
    public static readonly Refusal CriticalExtension = new(RefusalReason.Validation, "x509.critical-extension", "Every critical extension is understood (RFC 5280 section 4.2).");

    /// <summary>The hash functions.</summary>
    public static readonly Refusal SignatureAlgorithm = new(RefusalReason.Validation, "x509.signature-algorithm", "A certificate is signed by ECDSA or RSA with SHA-2, or by Ed25519 or Ed448.");

    /// <summary>The sizes of keys.</summary>
    public static readonly Refusal KeyStrength = new(RefusalReason.Validation, "x509.key-strength", "A key is on P-256, P-384, P-521, Ed25519 or Ed448, or an RSA key of 2048 to 8192 bits.");

    /// <summary>The order of the chain.</summary>
    public static readonly Refusal Order = new(RefusalReason.Validation, "x509.order", "Each certificate is followed by that of its issuer, the member's own comes first, none comes twice (RFC 9420 section 5.3).");

    /// <summary>Who may issue.</summary>
    public static readonly Refusal IssuerIsNoAuthority = new(RefusalReason.Validation, "x509.issuer", "An issuer is a certificate authority that may sign certificates (RFC 5280 sections 4.2.1.3 and 4.2.1.9).");

    /// <summary>The member's certificate is its own, not that of an authority.</summary>
    public static readonly Refusal LeafIsAuthority = new(RefusalReason.Validation, "x509.leaf-authority", "A member's certificate is not one of a certificate authority (RFC 5280 section 4.2.1.9).");

    /// <summary>What the member's key is for.</summary>
    public static readonly Refusal KeyUsage = new(RefusalReason.Validation, "x509.key-usage", "A member's certificate says that its key makes digital signatures (RFC 5280 section 4.2.1.3).");

    /// <summary>What the member's certificate is for.</summary>
    public static readonly Refusal ExtendedKeyUsage = new(RefusalReason.Validation, "x509.extended-key-usage", "A member's certificate that is limited to purposes names a server, a client or mail among them (RFC 5280 section 4.2.1.12).");

    /// <summary>The scheme of the member's key.</summary>
    public static readonly Refusal KeyScheme = new(RefusalReason.Validation, "x509.key-scheme", "The member's key is one of the group's signature scheme.");

    /// <summary>Whose key it is.</summary>
    public static readonly Refusal KeyMismatch = new(RefusalReason.Validation, "x509.key-mismatch", "The key of the member's certificate is the signature key of its leaf (RFC 9420 section 5.3).");

    /// <summary>How many names.</summary>
    public static readonly Refusal NameCount = new(RefusalReason.Validation, "x509.name-count", "A member's certificate has exactly one subject alternative name, a DNS name, mailbox or URI.");

    /// <summary>What a name looks like.</summary>
    public static readonly Refusal NameForm = new(RefusalReason.Validation, "x509.name-form", "A name is in ASCII, internationalised parts as A-labels, without wildcard, of the form that its kind has (RFC 5280 section 4.2.1.6).");
}
