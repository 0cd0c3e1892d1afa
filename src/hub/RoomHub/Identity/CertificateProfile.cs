using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Hub.Identity;

/// <summary>Whom a certificate of the internal authority names, in the forms of MEETING section 8: exactly one subject alternative name.</summary>
public enum CertifiedKind
{
    /// <summary>A device, by a DNS name below the hub's domain for devices.</summary>
    Device,

    /// <summary>A person, by a mailbox.</summary>
    Person,

    /// <summary>A guest, by a random <c>urn:uuid</c>, under the guests' intermediate. Always unverified.</summary>
    Guest,
}

/// <summary>
/// What stands in the certificates: X.509 version 3, P-256 with SHA-256, random serials of 128 bits, one name, digitalSignature, never an authority, never for servers.
/// </summary>
internal static class CertificateProfile
{
    // For clocks that are a little behind ours.
    private static readonly TimeSpan s_leeway = TimeSpan.FromMinutes(5);

    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string EmailProtection = "1.3.6.1.5.5.7.3.4";
    private const int MaxCommonName = 64;

    /// <summary>How long one lives: revocation is that no new one is given.</summary>
    public static TimeSpan LifeOf(CertifiedKind kind) => kind switch
    {
        CertifiedKind.Device => TimeSpan.FromHours(72),
        CertifiedKind.Person => TimeSpan.FromHours(24),
        _ => TimeSpan.FromHours(12),
    };

    /// <summary>The one name, as extension.</summary>
    public static X509Extension NameOf(CertifiedKind kind, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        switch (kind)
        {
            case CertifiedKind.Device:
                names.AddDnsName(name);
                break;
            case CertifiedKind.Person:
                names.AddEmailAddress(name);
                break;
            default:
                names.AddUri(new Uri(name));
                break;
        }

        return names.Build();
    }

    /// <summary>The certificate of a participant.</summary>
    /// <param name="kind">Whom it names.</param>
    /// <param name="name">The name.</param>
    /// <param name="label">What a guest says to be called; <see langword="null"/> for nothing. Of others it is not asked.</param>
    /// <param name="key">Whose it is.</param>
    /// <param name="issuer">Who signs.</param>
    /// <param name="now">The present.</param>
    public static byte[] Participant(CertifiedKind kind, string name, string? label, PublicKey key, Issuer issuer, DateTimeOffset now)
    {
        // For display only; the name that counts may be longer than a common name may be.
        string display = kind == CertifiedKind.Guest ? label ?? "Guest" : name[..Math.Min(name.Length, MaxCommonName)];
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(display);

        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(kind == CertifiedKind.Person ? EmailProtection : ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(NameOf(kind, name));

        DateTimeOffset end = now + LifeOf(kind);
        return Create(request, issuer, now - s_leeway, end < issuer.NotAfter ? end : issuer.NotAfter);
    }

    /// <summary>The certificate of an authority below <paramref name="issuer"/>, or of a root when that is <see langword="null"/>.</summary>
    public static byte[] Authority(string name, ECDsa key, Issuer? issuer, int authoritiesBelow, DateTimeOffset now, TimeSpan life)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, authoritiesBelow, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));

        Issuer signer = issuer ?? new Issuer(request.SubjectName, key, new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false), [], now + life);
        DateTimeOffset end = now + life;
        return Create(request, signer, now - s_leeway, end < signer.NotAfter ? end : signer.NotAfter);
    }

    /// <summary>Signs a certificate: with key identifiers and a random serial.</summary>
    public static byte[] Create(CertificateRequest request, Issuer issuer, DateTimeOffset begin, DateTimeOffset end)
    {
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer.KeyIdentifier));

        // A positive number without a zero in front (RFC 5280 section 4.1.2.2).
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        lock (issuer.Key)
        {
            using X509Certificate2 certificate = request.Create(issuer.Name, X509SignatureGenerator.CreateForECDsa(issuer.Key), begin, end, serial);
            return certificate.RawData;
        }
    }
}

/// <summary>An authority that can sign.</summary>
/// <param name="Name">Its subject.</param>
/// <param name="Key">Its key; locked while it signs.</param>
/// <param name="KeyIdentifier">How those below say which key it was.</param>
/// <param name="Certificate">Its certificate in DER; empty while it is being made.</param>
/// <param name="NotAfter">Until when its certificate is valid.</param>
internal sealed record Issuer(X500DistinguishedName Name, ECDsa Key, X509SubjectKeyIdentifierExtension KeyIdentifier, byte[] Certificate, DateTimeOffset NotAfter)
{
    /// <summary>One from its certificate and key.</summary>
    public static Issuer Of(byte[] certificate, ECDsa key)
    {
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(certificate);
        return new Issuer(read.SubjectName, key, new X509SubjectKeyIdentifierExtension(read.PublicKey, critical: false), certificate, read.NotAfter.ToUniversalTime());
    }
}
