using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>
/// The small authority of hubs and media nodes, by which they know each other and nobody else: not that of the meetings' identities, and not one of the web.
/// Its key is in the database, wrapped with the hub's secret, so that all hubs have the same.
/// </summary>
internal sealed class NodeAuthority : IDisposable
{
    private const string Purpose = "authority-nodes";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";

    private static readonly TimeSpan s_life = TimeSpan.FromDays(20 * 365);
    private static readonly TimeSpan s_hubLife = TimeSpan.FromDays(30);

    private readonly Issuer _issuer;
    private readonly X509Certificate2 _root;
    private readonly TimeProvider _clock;
    private readonly Lock _turn = new();
    private SslStreamCertificateContext? _hub;
    private DateTimeOffset _hubDue;

    private NodeAuthority(Issuer issuer, TimeProvider clock)
    {
        _issuer = issuer;
        _root = X509CertificateLoader.LoadCertificate(issuer.Certificate);
        _clock = clock;
    }

    /// <summary>How long the certificate of a node lives.</summary>
    public static TimeSpan NodeLife { get; } = TimeSpan.FromDays(365);

    /// <summary>Its own certificate, PEM.</summary>
    public string RootPem => _root.ExportCertificatePem();

    /// <summary>What hubs show to nodes: a key of this process, with a certificate that is made anew in time.</summary>
    public SslStreamCertificateContext Hub
    {
        get
        {
            lock (_turn)
            {
                if (_hub is null || _clock.GetUtcNow() >= _hubDue)
                {
                    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                    DateTimeOffset now = _clock.GetUtcNow();
                    using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Certify("RoomHub", key, ServerUse, now, now + s_hubLife));
                    _hub = SslStreamCertificateContext.Create(certificate.CopyWithPrivateKey(key), [], offline: true);
                    _hubDue = now + (s_hubLife / 2);
                }

                return _hub;
            }
        }
    }

    /// <summary>Loads the authority, which is made when it is missing.</summary>
    /// <exception cref="CryptographicException">The secret does not belong to this database.</exception>
    public static async Task<NodeAuthority> OpenAsync(KeyStore keys, HubSecret secret, TimeProvider clock, CancellationToken cancel)
    {
        while (true)
        {
            if ((await keys.AllAsync(Purpose, cancel)).FirstOrDefault() is { } kept)
                return new NodeAuthority(Issuer.Of(kept.Certificate!, kept.Unwrap(secret)), clock);

            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = clock.GetUtcNow();
            byte[] certificate = CertificateProfile.Authority($"RoomHub nodes {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, issuer: null, authoritiesBelow: 0, now, s_life);
            await keys.TryAddAsync(KeptKey.Wrap(Purpose, key, secret, now, certificate), newest: null, cancel);
        }
    }

    /// <summary>The certificate of a node, in DER.</summary>
    public byte[] CertifyNode(string name, ECDsa key, DateTimeOffset now) => Certify(name, key, ClientUse, now, now + NodeLife);

    /// <summary>How a hub checks the certificate of a node. Whether it still counts is in the database.</summary>
    public X509ChainPolicy PolicyForNodes() => Policy(_root, ClientUse, _clock.GetUtcNow());

    /// <summary>How a node checks the certificate of a hub.</summary>
    public static X509ChainPolicy PolicyForHubs(X509Certificate2 root, DateTimeOffset now) => Policy(root, ServerUse, now);

    public void Dispose()
    {
        _issuer.Key.Dispose();
        _root.Dispose();
    }

    private static X509ChainPolicy Policy(X509Certificate2 root, string use, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.Add(root);
        policy.ApplicationPolicy.Add(new Oid(use));
        return policy;
    }

    private byte[] Certify(string name, ECDsa key, string use, DateTimeOffset now, DateTimeOffset end)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        return CertificateProfile.Create(request, _issuer, now.AddMinutes(-5), end);
    }
}
