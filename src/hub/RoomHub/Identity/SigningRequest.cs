using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Identity;

namespace RoomAgent.Hub.Identity;

/// <summary>
/// A PKCS #10 request (RFC 2986) after its signature was verified, which proves that whoever made it has the private key.
/// Only the key is taken from it, and of a guest what the guest says to be called. A name may be asked for, which must then be the one that is given anyway.
/// </summary>
internal sealed record SigningRequest(PublicKey Key, byte[] SubjectPublicKeyInfo, byte[]? Name, string? Label)
{
    /// <summary>The longest request, in bytes. One for P-256 has some 300.</summary>
    public const int MaxSize = 2048;

    internal const string SubjectAlternativeName = "2.5.29.17";
    private const string EcPublicKey = "1.2.840.10045.2.1";

    // OBJECT IDENTIFIER 1.2.840.10045.3.1.7, and the size of an uncompressed point.
    private static ReadOnlySpan<byte> P256 => [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

    private const int PointSize = 65;

    /// <summary>Reads a request.</summary>
    /// <param name="der">Any bytes.</param>
    /// <param name="request">The request.</param>
    /// <returns>What is wrong with it, for whoever made it; <see langword="null"/> when nothing is.</returns>
    public static string? Read(ReadOnlySpan<byte> der, out SigningRequest? request)
    {
        request = null;
        if (der.Length > MaxSize)
            return $"a request has at most {MaxSize} bytes";

        // 1. the form    2. the kind of key, before the platform does anything with it    3. the signature
        CertificateRequest read;
        try
        {
            read = Load(der, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions | CertificateRequestLoadOptions.SkipSignatureValidation);
            if (!IsP256(read.PublicKey))
                return "the key is not one of P-256, uncompressed";

            read = Load(der, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception problem) when (problem is CryptographicException or NotSupportedException)
        {
            // The second for a signature algorithm that the platform does not know.
            return "it is not a PKCS #10 request that is signed by its own key";
        }

        if (read.OtherRequestAttributes.Count > 0)
            return "it has attributes that are not understood";
        if (read.CertificateExtensions.Any(extension => extension.Oid?.Value != SubjectAlternativeName) || read.CertificateExtensions.Count > 1)
            return "it asks for extensions other than one subject alternative name";

        request = new SigningRequest(read.PublicKey, read.PublicKey.ExportSubjectPublicKeyInfo(), read.CertificateExtensions.FirstOrDefault()?.RawData, GuestLabel.Read(read.SubjectName.RawData));
        return null;
    }

    // The platform takes the length of the first element for that of the request; there must be nothing behind it.
    private static CertificateRequest Load(ReadOnlySpan<byte> der, CertificateRequestLoadOptions options)
    {
        CertificateRequest read = CertificateRequest.LoadSigningRequest(der, HashAlgorithmName.SHA256, out int length, options);
        return length == der.Length ? read : throw new CryptographicException("There is more after the request.");
    }

    private static bool IsP256(PublicKey key) =>
        key.Oid.Value == EcPublicKey
        && key.EncodedParameters is { } curve && curve.RawData.AsSpan().SequenceEqual(P256)
        && key.EncodedKeyValue.RawData is [0x04, ..] point && point.Length == PointSize;
}
