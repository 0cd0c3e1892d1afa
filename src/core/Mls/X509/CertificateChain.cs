using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// The chain of an X.509 credential (RFC 9420 section 5.3) after all checks that need neither signatures nor anchors, neither a clock nor a list:
/// everyone comes to the same answer. Whether the chain is genuine is for path validation to say.
/// </summary>
public sealed class CertificateChain
{
    /// <summary>Certificates of a chain at the most.</summary>
    public const int MaxLength = 6;

    /// <summary>Bytes of one certificate at the most.</summary>
    public const int MaxCertificateSize = 8 * 1024;

    private CertificateChain(IReadOnlyList<ByteString> encoded, CertificateFields[] certificates, CertifiedName name)
    {
        Encoded = encoded;
        Certificates = certificates;
        Name = name;
    }

    /// <summary>The certificates in DER, the member's own first.</summary>
    public IReadOnlyList<ByteString> Encoded { get; }

    /// <summary>What they say.</summary>
    public IReadOnlyList<CertificateFields> Certificates { get; }

    /// <summary>The member's own certificate.</summary>
    public CertificateFields Leaf => Certificates[0];

    /// <summary>The last certificate: an anchor, or one that an anchor issued.</summary>
    public CertificateFields Top => Certificates[^1];

    /// <summary>The name that the member's certificate gives it.</summary>
    public CertifiedName Name { get; }

    /// <summary>Reads the chain of a credential. Number and sizes are looked at before anything is read.</summary>
    /// <param name="credential">Any credential.</param>
    /// <param name="chain">The chain.</param>
    public static Refusal? Read(Credential credential, out CertificateChain? chain)
    {
        chain = null;
        if (credential.Type != CredentialType.X509)
            return CertificateRules.NotX509;

        IReadOnlyList<ByteString> encoded = credential.Certificates;
        if (encoded.Count is < 1 or > MaxLength)
            return CertificateRules.Count;

        var certificates = new CertificateFields[encoded.Count];
        for (int i = 0; i < certificates.Length; i++)
        {
            if (encoded[i].Length > MaxCertificateSize)
                return CertificateRules.Size;
        }

        for (int i = 0; i < certificates.Length; i++)
        {
            if (CertificateFields.Read(encoded[i], out CertificateFields? fields) is { } unreadable)
                return unreadable;

            certificates[i] = fields!;
        }

        if (CheckOrder(certificates) is { } disorder)
            return disorder;
        if (CheckLeaf(certificates[0]) is { } badLeaf)
            return badLeaf;
        foreach (CertificateFields issuer in certificates.AsSpan(1))
        {
            if (CheckAuthority(issuer) is { } badIssuer)
                return badIssuer;
        }

        if (certificates[0].ReadName(out CertifiedName name) is { } unnamed)
            return unnamed;

        chain = new CertificateChain(encoded, certificates, name);
        return null;
    }

    /// <summary>The name in a credential without any other check: <see langword="null"/> when there is none.</summary>
    public static CertifiedName? NameOf(Credential credential) =>
        credential is { Type: CredentialType.X509, Certificates: [{ Length: <= MaxCertificateSize } own, ..] }
        && CertificateFields.Read(own, out CertificateFields? fields) is null
        && fields!.ReadName(out CertifiedName name) is null
            ? name
            : null;

    /// <summary>What an issuer must be, and an anchor too.</summary>
    public static Refusal? CheckAuthority(CertificateFields certificate)
    {
        if (!certificate.IsAuthority || (certificate.HasKeyUsage && !certificate.CanSignCertificates))
            return CertificateRules.IssuerIsNoAuthority;

        return CheckCertificate(certificate);
    }

    /// <summary>Whether the member's certificate is for the key that signs for it (RFC 9420 section 5.3).</summary>
    /// <param name="scheme">The signature scheme of the group.</param>
    /// <param name="signatureKey">The signature key of the leaf.</param>
    public Refusal? CheckKey(SignatureScheme scheme, ReadOnlySpan<byte> signatureKey)
    {
        if (Leaf.Scheme != scheme)
            return CertificateRules.KeyScheme;

        return Leaf.PublicKey.Span.SequenceEqual(signatureKey) ? null : CertificateRules.KeyMismatch;
    }

    private static Refusal? CheckOrder(CertificateFields[] certificates)
    {
        for (int i = 0; i + 1 < certificates.Length; i++)
        {
            if (certificates[i].Issuer != certificates[i + 1].Subject)
                return CertificateRules.Order;

            // Names that come back would be a circle, or a way to show the validator one issuer in place of another.
            for (int j = i + 1; j < certificates.Length; j++)
            {
                if (certificates[i].Subject == certificates[j].Subject)
                    return CertificateRules.Order;
            }
        }

        return null;
    }

    private static Refusal? CheckLeaf(CertificateFields leaf)
    {
        if (leaf.IsAuthority || leaf.CanSignCertificates)
            return CertificateRules.LeafIsAuthority;
        if (!leaf.CanSign)
            return CertificateRules.KeyUsage;
        if (!leaf.IsForParticipants)
            return CertificateRules.ExtendedKeyUsage;

        return CheckCertificate(leaf);
    }

    private static Refusal? CheckCertificate(CertificateFields certificate)
    {
        if (certificate.HasUnknownCriticalExtension)
            return CertificateRules.CriticalExtension;
        if (!certificate.IsKeyStrong)
            return CertificateRules.KeyStrength;

        return certificate.IsSignatureAlgorithmStrong ? null : CertificateRules.SignatureAlgorithm;
    }
}
