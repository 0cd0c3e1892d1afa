using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>The folder with the credentials of a media node that runs alone: its certificate and key, and the authority by which it knows hubs.</summary>
internal sealed class NodeFiles : IDisposable
{
    private const string CertificateName = "node.pem", KeyName = "node-key.pem", AuthorityName = "authority.pem";

    private NodeFiles(X509Certificate2 certificate, X509Certificate2 authority)
    {
        Certificate = certificate;
        Authority = authority;
    }

    /// <summary>The node's certificate with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The authority of hubs and nodes.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="CryptographicException">They are no certificate and its key.</exception>
    public static NodeFiles Read(string folder)
    {
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(folder, CertificateName), Path.Combine(folder, KeyName));
        return new NodeFiles(certificate, X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, AuthorityName)));
    }

    /// <summary>Writes them into a folder that has none yet.</summary>
    /// <exception cref="IOException">There are some, or they cannot be written.</exception>
    public static void Write(string folder, byte[] certificate, ECDsa key, string authorityPem)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Directory.CreateDirectory(folder, ownerOnly | UnixFileMode.UserExecute);
        foreach ((string name, string pem) in new[] { (KeyName, key.ExportPkcs8PrivateKeyPem()), (CertificateName, PemEncoding.WriteString("CERTIFICATE", certificate)), (AuthorityName, authorityPem) })
        {
            using var file = new FileStream(Path.Combine(folder, name), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = ownerOnly });
            using var writer = new StreamWriter(file);
            writer.Write(pem);
            writer.Write('\n');
        }
    }

    public void Dispose()
    {
        Certificate.Dispose();
        Authority.Dispose();
    }
}
