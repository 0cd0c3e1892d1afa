using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;

namespace RoomAgent.Cloud.Certificates;

/// <summary>An answer to a request for a certificate.</summary>
/// <param name="Certificate">The certificate; <see langword="null"/> when there is none.</param>
/// <param name="Answer">What the hub said last.</param>
/// <param name="Problem">What is wrong with a chain that came, in words for a log; <see langword="null"/> when none came or nothing is.</param>
public sealed record CertificateAnswer(DeviceCertificate? Certificate, HubAnswer Answer, string? Problem);

/// <summary>Gets certificates from the hub's own authority, and believes none before it was checked.</summary>
/// <param name="membership">The device's membership.</param>
public sealed class DeviceCertificates(Membership membership)
{
    private const string ChainType = "application/pem-certificate-chain";
    private const string RequestType = "application/pkcs10";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const int MostCertificates = 8;
    private const string GuestPrefix = "urn:uuid:";

    /// <summary>A certificate of this device's name.</summary>
    public Task<CertificateAnswer> RequestDeviceAsync(IIdentityKey key, CancellationToken cancel) => RequestAsync("/certificates/device", key, isGuest: false, cancel);

    /// <summary>A certificate of no name, for a meeting of another organisation.</summary>
    public Task<CertificateAnswer> RequestGuestAsync(IIdentityKey key, CancellationToken cancel) => RequestAsync("/certificates/guest", key, isGuest: true, cancel);

    // 1. our anchors, from the hub itself    2. a request that the key has signed    3. what came is for our key, of our name, of these anchors, of now
    private async Task<CertificateAnswer> RequestAsync(string path, IIdentityKey key, bool isGuest, CancellationToken cancel)
    {
        HubAnswer authority = await membership.CallAsync(new HubRequest(HttpMethod.Get, HubEndpoints.Authority.Path), cancel);
        if (authority.Status != 200)
            return new CertificateAnswer(null, authority, null);

        HubAnswer answer = await membership.CallAsync(
            new HubRequest(HttpMethod.Post, path) { Content = SigningRequest(key), ContentType = RequestType },
            cancel);
        if (answer.Status != 200)
            return new CertificateAnswer(null, answer, null);
        if (membership.TrustedTime is not { } now || membership.DnsName is not { } dnsName)
            return new CertificateAnswer(null, new HubAnswer(HubFault.NoToken), null);

        string? problem = Check(authority, answer, key, isGuest ? null : dnsName, now, out DeviceCertificate? certificate);
        return new CertificateAnswer(certificate, answer, problem);
    }

    /// <summary>Checks a chain.</summary>
    /// <param name="authority">The anchors and intermediates, as the hub publishes them.</param>
    /// <param name="answer">The chain.</param>
    /// <param name="key">Whom it is for.</param>
    /// <param name="ownName">Our name; <see langword="null"/> for a guest.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="certificate">The certificate, when nothing is wrong.</param>
    /// <returns>What is wrong.</returns>
    internal static string? Check(HubAnswer authority, HubAnswer answer, IIdentityKey key, string? ownName, DateTimeOffset now, out DeviceCertificate? certificate) =>
        Check(authority, TextOf(answer), key, ownName, now, out certificate);

    /// <summary>The same, of a chain in PEM that came within something else; <see langword="null"/> for none.</summary>
    internal static string? Check(HubAnswer authority, string? pem, IIdentityKey key, string? ownName, DateTimeOffset now, out DeviceCertificate? certificate)
    {
        certificate = null;
        if (Read(TextOf(authority)) is not { } published)
            return "the authority is not published as certificates in PEM";

        try
        {
            if (Read(pem) is not { } chain)
                return "the answer is no chain of certificates in PEM";

            try
            {
                return Check(published, chain, key, ownName, now, out certificate);
            }
            finally
            {
                Dispose(chain);
            }
        }
        finally
        {
            Dispose(published);
        }
    }

    private static string? Check(List<X509Certificate2> published, List<X509Certificate2> chain, IIdentityKey key, string? ownName, DateTimeOffset now, out DeviceCertificate? certificate)
    {
        certificate = null;
        X509Certificate2 leaf = chain[0];
        if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.PublicKey.Span))
            return "the certificate is for another key";
        if (NameIn(leaf) is not { } name)
            return "the certificate has not exactly one name";
        if (ownName is not null ? name != ownName : !name.StartsWith(GuestPrefix, StringComparison.Ordinal))
            return "the certificate is of another name";

        using var path = new X509Chain();
        path.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        path.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        path.ChainPolicy.DisableCertificateDownloads = true;
        path.ChainPolicy.VerificationTime = now.UtcDateTime;
        path.ChainPolicy.VerificationTimeIgnored = false;
        foreach (X509Certificate2 one in published.Where(one => one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData)))
            path.ChainPolicy.CustomTrustStore.Add(one);
        foreach (X509Certificate2 one in chain.Skip(1))
            path.ChainPolicy.ExtraStore.Add(one);
        if (!path.Build(leaf))
            return "the chain does not lead to an anchor of the hub: " + string.Join(", ", path.ChainStatus.Select(status => status.Status));

        certificate = new DeviceCertificate([.. chain.Select(one => one.RawDataMemory)], name, leaf.NotAfter.ToUniversalTime());
        return null;
    }

    /// <summary>A request that the key has signed.</summary>
    /// <param name="key">The key.</param>
    /// <param name="label">What a guest wants to be called; empty for nothing.</param>
    internal static byte[] SigningRequest(IIdentityKey key, string label = "")
    {
        var publicKey = PublicKey.CreateFromSubjectPublicKeyInfo(key.PublicKey.Span, out _);
        if (publicKey.Oid.Value != EcPublicKey)
            throw new ArgumentException("Certificates are for keys of P-256.", nameof(key));

        // No name: the hub knows ours.
        var subject = new X500DistinguishedNameBuilder();
        if (label.Length > 0)
            subject.AddCommonName(label);
        var request = new CertificateRequest(subject.Build(), publicKey, HashAlgorithmName.SHA256);
        return request.CreateSigningRequest(new KeyElsewhere(key, publicKey));
    }

    /// <summary>The certificates in an answer, in DER; <see langword="null"/> when it is no chain.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>>? ReadChain(HubAnswer answer)
    {
        if (Read(TextOf(answer)) is not { } chain)
            return null;

        ReadOnlyMemory<byte>[] read = [.. chain.Select(one => (ReadOnlyMemory<byte>)one.RawData)];
        Dispose(chain);
        return read;
    }

    private static string? TextOf(HubAnswer answer) => answer.ContentType == ChainType ? Encoding.ASCII.GetString(answer.Body.Span) : null;

    private static List<X509Certificate2>? Read(string? pem)
    {
        if (pem is null)
            return null;

        var read = new List<X509Certificate2>();
        try
        {
            // Read one by one, since the framework would take as many as there are, and keys too.
            ReadOnlySpan<char> rest = pem;
            while (PemEncoding.TryFind(rest, out PemFields fields))
            {
                if (read.Count == MostCertificates || rest[fields.Label] is not "CERTIFICATE")
                    throw new CryptographicException("More than any good chain has, or something else.");
                read.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(rest[fields.Base64Data].ToString())));
                rest = rest[fields.Location.End..];
            }
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            Dispose(read);
            return null;
        }

        return read.Count > 0 ? read : null;
    }

    // Exactly one subject alternative name with exactly one name in it (the meetings' rule for leaves).
    private static string? NameIn(X509Certificate2 leaf)
    {
        const string alternativeName = "2.5.29.17";
        if (leaf.Extensions.Where(extension => extension.Oid?.Value == alternativeName).ToArray() is not [{ } extension])
            return null;

        try
        {
            var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER);
            AsnReader names = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            Asn1Tag tag = names.PeekTag();
            const int mailbox = 1, dnsName = 2, uri = 6;
            if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue is not (mailbox or dnsName or uri))
                return null;

            string name = names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            return names.HasData ? null : name;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static void Dispose(List<X509Certificate2> certificates)
    {
        foreach (X509Certificate2 certificate in certificates)
            certificate.Dispose();
    }

    /// <summary>Signs a request with a key that others keep.</summary>
    private sealed class KeyElsewhere(IIdentityKey key, PublicKey publicKey) : X509SignatureGenerator
    {
        // SEQUENCE { OBJECT IDENTIFIER 1.2.840.10045.4.3.2 }: ecdsa-with-SHA256 (RFC 5758 section 3.2).
        private static readonly byte[] s_ecdsaWithSha256 = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => s_ecdsaWithSha256;

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(data);

        protected override PublicKey BuildPublicKey() => publicKey;
    }
}
