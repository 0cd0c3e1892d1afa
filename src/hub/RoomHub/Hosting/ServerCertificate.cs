using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Enrolment;

namespace RoomAgent.Hub.Hosting;

/// <summary>The certificate that the hub serves TLS with: one that it was given, read again when the files change, or one that it made itself.</summary>
/// <remarks>One of its own proves nothing to a browser. Devices know the hub by its identity key, which signs this key (<see cref="HubStatement"/>).</remarks>
internal sealed class ServerCertificate : IDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_renewal = TimeSpan.FromDays(30);

    private readonly HubSettings _settings;
    private readonly TimeProvider _clock;
    private readonly (string Chain, string Key) _files;
    private DateTime _readAt;
    private volatile SslStreamCertificateContext _current;

    private ServerCertificate(HubSettings settings, TimeProvider clock)
    {
        _settings = settings;
        _clock = clock;
        _files = settings.Certificate ?? (Path.Combine(settings.Data, "tls.pem"), Path.Combine(settings.Data, "tls-key.pem"));
        if (IsOwn && !File.Exists(_files.Key))
            Make();
        (_current, _readAt) = Load();
    }

    /// <summary>What new connections get: certificate, key and chain.</summary>
    public SslStreamCertificateContext Context => _current;

    /// <summary>The certificate alone.</summary>
    public X509Certificate2 Current => _current.TargetCertificate;

    private bool IsOwn => _settings.Certificate is null;

    /// <summary>Reads what there is, or makes one.</summary>
    /// <exception cref="IOException">A file cannot be read or made.</exception>
    /// <exception cref="CryptographicException">They are no certificate and its key.</exception>
    public static ServerCertificate Open(HubSettings settings, TimeProvider clock) => new(settings, clock);

    /// <summary>Looks whether the files have changed or our own certificate is due, and takes what is there then. What cannot be read leaves all as it is.</summary>
    public void Refresh(ILogger log)
    {
        try
        {
            if (IsOwn && _clock.GetUtcNow() > Current.NotAfter.ToUniversalTime() - s_renewal)
                Make();
            if (ChangedAt() == _readAt)
                return;

            (_current, _readAt) = Load();
            DateTime notAfter = Current.NotAfter.ToUniversalTime();
            HostingLog.CertificateChanged(log, notAfter);
        }
        catch (Exception problem) when (problem is IOException or CryptographicException or UnauthorizedAccessException)
        {
            HostingLog.CertificateUnreadable(log, problem.Message);
        }
    }

    // Connections that begin may still use the one before, so it is not disposed of when it is replaced.
    public void Dispose() => Current.Dispose();

    private DateTime ChangedAt() => new[] { _files.Chain, _files.Key }.Max(File.GetLastWriteTimeUtc);

    private (SslStreamCertificateContext, DateTime) Load()
    {
        DateTime changedAt = ChangedAt();
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_files.Chain);
        return (SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(_files.Chain, _files.Key), chain, offline: true), changedAt);
    }

    private void Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string host = new Uri(_settings.Address.Url).IdnHost;
        var request = new CertificateRequest("CN=RoomHub", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip))
            names.AddIpAddress(ip);
        else
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        DateTimeOffset now = _clock.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now + s_life);

        // The key first: a certificate whose key is missing would be taken for one.
        Write(_files.Key, key.ExportPkcs8PrivateKeyPem());
        Write(_files.Chain, certificate.ExportCertificatePem());
    }

    private static void Write(string path, string pem)
    {
        string beside = path + ".new";
        File.Delete(beside);
        using (var file = new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            using var writer = new StreamWriter(file, leaveOpen: true);
            writer.Write(pem);
            writer.Write('\n');
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
