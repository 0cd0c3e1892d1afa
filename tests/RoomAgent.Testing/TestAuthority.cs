using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Testing;

/// <summary>What shall be in a certificate. As it stands it is that of a member without a name; every mistake can be made.</summary>
public sealed record CertificateContent
{
    public static DateTimeOffset Begin { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset End { get; } = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Subject { get; init; } = "CN=for display only";

    public DateTimeOffset NotBefore { get; init; } = Begin;

    public DateTimeOffset NotAfter { get; init; } = End;

    public bool IsAuthority { get; init; }

    public int? PathLength { get; init; }

    public X509KeyUsageFlags? Usage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    /// <summary>Object identifiers of the extended key usage.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>The subject alternative names; see <see cref="SubjectNames"/>.</summary>
    public IReadOnlyList<byte[]> Names { get; init; } = [];

    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];

    public static CertificateContent Authority(string name) =>
        new() { Subject = $"CN={name}", IsAuthority = true, Usage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign };
}

/// <summary>General names (RFC 5280 section 4.2.1.6) of any content.</summary>
public static class SubjectNames
{
    public static byte[] Dns(string name) => Of(2, Latin1(name));

    public static byte[] Mailbox(string name) => Of(1, Latin1(name));

    public static byte[] Uri(string name) => Of(6, Latin1(name));

    public static byte[] Address(params byte[] address) => Of(7, address);

    /// <summary>The critical extension that permits names below these DNS names alone.</summary>
    public static X509Extension PermitDns(params string[] domains) => Constraint(0, domains);

    /// <summary>The critical extension that excludes names below these DNS names.</summary>
    public static X509Extension ExcludeDns(params string[] domains) => Constraint(1, domains);

    public static X509Extension Extension(IEnumerable<byte[]> names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (byte[] name in names)
                writer.WriteEncodedValue(name);
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }

    private static X509Extension Constraint(int side, string[] domains)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, side)))
        {
            foreach (string domain in domains)
            {
                using (writer.PushSequence())
                    writer.WriteEncodedValue(Dns(domain));
            }
        }

        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    private static byte[] Of(int tag, byte[] content)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(content, new Asn1Tag(TagClass.ContextSpecific, tag));
        return writer.Encode();
    }

    private static byte[] Latin1(string text) => System.Text.Encoding.Latin1.GetBytes(text);
}

/// <summary>A certificate authority that issues what it is told to.</summary>
public sealed class TestAuthority
{
    private readonly TestSigner _signer;
    private readonly X500DistinguishedName _name;
    private int _serial = 1;

    private TestAuthority(TestSigner signer, string name, byte[] certificate)
    {
        _signer = signer;
        _name = new X500DistinguishedName(name);
        Certificate = certificate;
    }

    /// <summary>The authority's own certificate in DER.</summary>
    public byte[] Certificate { get; }

    /// <summary>An authority that nobody is above.</summary>
    public static TestAuthority Root(CertificateContent content, TestSigner signer)
    {
        var self = new TestAuthority(signer, content.Subject, []);
        return new TestAuthority(signer, content.Subject, self.Issue(content, signer.PublicKey));
    }

    /// <summary>An authority below this one.</summary>
    public TestAuthority Subordinate(CertificateContent content, TestSigner signer) =>
        new(signer, content.Subject, Issue(content, signer.PublicKey));

    /// <summary>Issues a certificate.</summary>
    public byte[] Issue(CertificateContent content, PublicKey key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(content.Subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(content.IsAuthority, content.PathLength is not null, content.PathLength ?? 0, critical: true));
        if (content.Usage is { } usage)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        if (content.Purposes.Count > 0)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. content.Purposes.Select(id => new Oid(id))], critical: false));
        if (content.Names.Count > 0)
            request.CertificateExtensions.Add(SubjectNames.Extension(content.Names));
        foreach (X509Extension extension in content.Extensions)
            request.CertificateExtensions.Add(extension);

        byte[] serial = [0x01, (byte)(_serial >> 8), (byte)_serial];
        _serial++;
        using X509Certificate2 certificate = request.Create(_name, _signer, content.NotBefore, content.NotAfter, serial);
        return certificate.RawData;
    }
}
