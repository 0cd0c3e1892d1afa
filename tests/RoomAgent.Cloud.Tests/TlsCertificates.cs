using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Cloud.Tests;

/// <summary>Certificates of TLS servers: of their own, or of something that counts as a public authority.</summary>
internal static class TlsCertificates
{
    private static readonly DateTimeOffset s_begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_end = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static X509Certificate2 Own(string host) => Make(host, issuer: null, s_end);

    public static X509Certificate2 Own(string host, DateTimeOffset end) => Make(host, issuer: null, end);

    public static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Public authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(s_begin, s_end);
    }

    public static X509Certificate2 Of(X509Certificate2 authority, string host) => Make(host, authority, s_end);

    private static X509Certificate2 Make(string host, X509Certificate2? issuer, DateTimeOffset end)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using X509Certificate2 certificate = issuer is null ? request.CreateSelfSigned(s_begin, end) : request.Create(issuer, s_begin, end, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = certificate.HasPrivateKey ? new X509Certificate2(certificate) : certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
