using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Identity;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class X509Targets
{
    private const SignatureScheme P256 = SignatureScheme.EcdsaSecp256r1Sha256;

    private static readonly DateTimeOffset s_date = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    // Authorities sign with Ed25519, which gives the same bytes on every run.
    private static readonly TestAuthority s_root = TestAuthority.Root(CertificateContent.Authority("Root"), Signer(1));
    private static readonly TestAuthority s_limited = s_root.Subordinate(
        CertificateContent.Authority("Limited") with { PathLength = 0, Extensions = [SubjectNames.PermitDns("example.org")] }, Signer(2));

    private static readonly X509IdentityProvider s_identities = Identities();

    /// <summary>Certificate certificates&lt;V&gt; without the length in front: each one is read alone, then all as a credential.</summary>
    public static FuzzTarget Chain { get; } = new("x509", input =>
    {
        List<ByteString> certificates = [];
        var reader = new WireReader(input);
        while (!reader.AtEnd && certificates.Count < 100)
            certificates.Add(ByteString.CopyOf(reader.ReadVector()));

        ByteString key = default;
        for (int i = certificates.Count - 1; i >= 0; i--)
        {
            CertificateFields.Read(certificates[i], out CertificateFields? fields);
            fields?.ReadName(out _);
            key = fields?.PublicKey ?? default;
        }

        var credential = Credential.X509(certificates);
        bool isValid = s_identities.IsValid(credential, key, IdentityRole.Joiner, s_date);
        if (isValid && s_identities.IdentityOf(credential) is null)
            throw new InvalidOperationException("A valid credential names nobody.");
    }, () =>
    [
        Encode(Leaf(s_root, SubjectNames.Dns("room1.example.org"))),
        Encode(Leaf(s_limited, SubjectNames.Dns("room1.example.org")), s_limited.Certificate),
        Encode(Leaf(s_limited, SubjectNames.Dns("room1.example.com")), s_limited.Certificate, s_root.Certificate),
        Encode(Leaf(s_root, SubjectNames.Mailbox("alice@example.org"), "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4")),
        Encode(Leaf(s_root, SubjectNames.Uri("urn:uuid:b2a6ee59-283a-431f-adfc-492186fe72b4")), s_root.Certificate),
        Encode(s_root.Issue(CertificateContent.Authority("RSA"), RsaKey())),
    ]);

    /// <summary>The subject of a guest's certificate. What is shown is a label, however often it is cleaned.</summary>
    public static FuzzTarget Label { get; } = new("x509-label", input =>
    {
        if (GuestLabel.Read(input) is { } label && GuestLabel.Clean(label) != label)
            throw new InvalidOperationException("A label that is none.");
    }, () => [new X500DistinguishedName("CN=Ada Lovelace").RawData, new X500DistinguishedName("O=School, CN=J. O'Neil").RawData, new X500DistinguishedName("CN=alice@school.example").RawData]);

    private static X509IdentityProvider Identities()
    {
        // The platform loads the machine's own anchors, a megabyte of them, for its first path: not the fault of an input.
        var identities = new X509IdentityProvider(new CertificatePaths(OpenSslCrypto.Instance, 64), P256, Anchors(), AdmissionDates.DecideOnJoin);
        Credential first = Credential.X509([ByteString.Owning(Leaf(s_limited, SubjectNames.Dns("first.example.org"))), ByteString.CopyOf(s_limited.Certificate)]);
        return identities.Admit(first, ByteString.CopyOf(Key(P256, 3).PublicKey), IdentityRole.Joiner, s_date) is { } refusal
            ? throw new InvalidOperationException($"{refusal}")
            : identities;
    }

    private static AnchorSet Anchors()
    {
        TrustAnchor.Read(s_root.Certificate, "root", AnchorOrigin.Installed, out TrustAnchor? anchor);
        return AnchorSet.Of(anchor!);
    }

    private static byte[] Leaf(TestAuthority issuer, byte[] name, params string[] purposes) =>
        issuer.Issue(new CertificateContent { Names = [name], Purposes = purposes }, TestSigner.PublicKeyOf(P256, Key(P256, 3).PublicKey));

    private static byte[] Encode(params byte[][] certificates)
    {
        var writer = WireWriter.Growing();
        foreach (byte[] certificate in certificates)
            writer.WriteVector(certificate);
        byte[] encoded = writer.ToArray();
        writer.Dispose();
        return encoded;
    }

    private static TestSigner Signer(int seed) => TestSigner.Of(Key(SignatureScheme.Ed25519, seed));

    private static SigningKey Key(SignatureScheme scheme, int seed)
    {
        using Secret key = SignatureKeys.Generate(OpenSslCrypto.Instance, new SeededRandom(seed), scheme);
        return OpenSslCrypto.Instance.ImportSigningKey(scheme, key.Bytes)!;
    }

    // Of the right form and size; nobody has its private part.
    private static PublicKey RsaKey() => new(
        new Oid("1.2.840.113549.1.1.1"),
        new AsnEncodedData([0x05, 0x00]),
        new AsnEncodedData([0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00, .. Enumerable.Repeat((byte)0xc5, 256), 0x02, 0x03, 0x01, 0x00, 0x01]));
}
