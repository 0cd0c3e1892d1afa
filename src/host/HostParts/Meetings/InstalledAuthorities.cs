using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RoomAgent.Identity;
using RoomAgent.Mls;

namespace RoomAgent.Host.Meetings;

/// <summary>The certificate authorities that were installed at this device, from a file in PEM: on those it relies whatever a hub says.</summary>
internal static class InstalledAuthorities
{
    private const int LargestFile = 1 << 20;
    private const int Most = 64;
    private const string Certificate = "CERTIFICATE";

    /// <summary>Reads the file. All of it is good, or nothing is taken: a room that relies on less than it was told to would say so nowhere.</summary>
    /// <param name="path">The file; empty for none.</param>
    /// <param name="anchors">The authorities, each called by its subject.</param>
    /// <returns>What is wrong, and <see langword="null"/> when nothing is.</returns>
    public static string? Read(string path, out IReadOnlyList<TrustAnchor> anchors)
    {
        anchors = [];
        if (path.Length == 0)
            return null;

        string text;
        try
        {
            // Not by its length: that of a device is none, and it never ends.
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LargestFile + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > LargestFile)
                return $"{path} is larger than {LargestFile} bytes, and not a file of some certificates.";
            text = Encoding.ASCII.GetString(bytes, 0, length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {problem.Message}";
        }

        var found = new List<TrustAnchor>();
        for (ReadOnlySpan<char> rest = text; PemEncoding.TryFind(rest, out PemFields fields); rest = rest[fields.Location.End..])
        {
            if (!rest[fields.Label].SequenceEqual(Certificate))
                return $"{path} has something else than certificates: keep keys elsewhere.";
            if (found.Count == Most)
                return $"{path} has more than {Most} certificates.";
            if (Read(Convert.FromBase64String(rest[fields.Base64Data].ToString()), out TrustAnchor? anchor) is { } refusal)
                return $"certificate {found.Count + 1} of {path} is not that of an authority which could be relied on: {refusal.Rule}.";

            found.Add(anchor!);
        }

        if (found.Count == 0)
            return $"{path} has no certificate in PEM.";

        anchors = found;
        return null;
    }

    private static Refusal? Read(byte[] certificate, out TrustAnchor? anchor)
    {
        string label;
        try
        {
            using X509Certificate2 read = X509CertificateLoader.LoadCertificate(certificate);
            label = read.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }
        catch (CryptographicException)
        {
            label = "";
        }

        return TrustAnchor.Read(certificate, label.Length > 0 ? label : "installed here", AnchorOrigin.Installed, out anchor);
    }
}
