using System.Security.Cryptography;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Identity.Tests;

/// <summary>A root, an intermediate below it, and everything that members need.</summary>
internal static class TestWorld
{
    public const SignatureScheme P256 = SignatureScheme.EcdsaSecp256r1Sha256;

    private static int s_seed;

    public static DateTimeOffset Today { get; } = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    public static TestAuthority Root { get; } = TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner());

    public static TestAuthority Intermediate { get; } = Root.Subordinate(CertificateContent.Authority("Intermediate"), NewSigner());

    public static TrustAnchor Anchor { get; } = AnchorOf(Root);

    public static AnchorSet Anchors { get; } = AnchorSet.Of(Anchor);

    public static SigningKey NewKey(SignatureScheme scheme = P256)
    {
        using Secret key = SignatureKeys.Generate(OpenSslCrypto.Instance, new SeededRandom(Interlocked.Increment(ref s_seed)), scheme);
        return OpenSslCrypto.Instance.ImportSigningKey(scheme, key.Bytes)!;
    }

    public static TestSigner NewSigner(SignatureScheme scheme = P256) => TestSigner.Of(NewKey(scheme));

    public static TestSigner RsaSigner(int bits) => TestSigner.Rsa(bits, HashAlgorithmName.SHA256);

    public static TrustAnchor AnchorOf(TestAuthority authority, AnchorOrigin origin = AnchorOrigin.Installed)
    {
        Assert.Null(TrustAnchor.Read(authority.Certificate, "test authority", origin, out TrustAnchor? anchor));
        return anchor!;
    }

    public static CertificateContent Room(string name = "room1.example.org") => new() { Names = [SubjectNames.Dns(name)] };

    public static byte[] Certify(TestAuthority issuer, CertificateContent content, SigningKey key) =>
        issuer.Issue(content, TestSigner.PublicKeyOf(key.Scheme, key.PublicKey));

    public static Credential Chain(params byte[][] certificates) => Credential.X509([.. certificates.Select(bytes => ByteString.CopyOf(bytes))]);

    public static ByteString PublicKey(this SigningKey key) => ByteString.CopyOf(key.PublicKey);

    public static X509IdentityProvider Provider(
        CertificatePaths? paths = null,
        SignatureScheme scheme = P256,
        AnchorSet? anchors = null,
        AdmissionDates dates = AdmissionDates.DecideOnJoin) => new(paths ?? new CertificatePaths(OpenSslCrypto.Instance), scheme, anchors ?? Anchors, dates);
}
