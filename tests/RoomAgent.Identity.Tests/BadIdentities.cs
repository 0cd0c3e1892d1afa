using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

/// <summary>An identity with one thing wrong, and the rule that it breaks.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Present">Makes the credential and the signature key of the leaf that presents it.</param>
internal sealed record BadIdentity(string Name, Refusal Rule, Func<(Credential Credential, ByteString SignatureKey)> Present)
{
    private const X509KeyUsageFlags CertSign = X509KeyUsageFlags.KeyCertSign;

    public static IReadOnlyList<BadIdentity> All { get; } =
    [
        // The credential
        Raw("a basic credential", CertificateRules.NotX509, () => Credential.Basic("dns:room1.example.org"u8)),
        Raw("no certificate", CertificateRules.Count, () => Chain()),
        Raw("seven certificates", CertificateRules.Count, () => Chain([.. Enumerable.Repeat(Root.Certificate, 7)])),
        Raw("a chain of a thousand certificates", CertificateRules.Count, () => Chain([.. Enumerable.Repeat(Root.Certificate, 1_000)])),
        Raw("a certificate of a megabyte", CertificateRules.Size, () => Chain(new byte[1 << 20])),
        Raw("a certificate of a megabyte behind a good one", CertificateRules.Size, () => Chain(Root.Certificate, new byte[1 << 20])),

        // The encoding
        Raw("an empty certificate", CertificateRules.Encoding, () => Chain([[]])),
        Edited("a byte after the end", der => [.. der, 0]),
        Edited("version 1", der => Replace(der, [0xa0, 3, 2, 1, 2], [0xa0, 3, 2, 1, 0])),
        Edited("another algorithm within than without", der => Replace(der, [0xce, 0x3d, 0x04, 0x03, 0x02], [0xce, 0x3d, 0x04, 0x03, 0x03])),
        Edited("an extension twice", der => DerTree.Edit(der, nodes => nodes.Single(node => node.Tag == 0xa3).Children[0].Children.Add(nodes.Single(node => node.Tag == 0xa3).Children[0].Children[0]))),
        Edited("a date that does not exist", der => Replace(der, "270101000000Z"u8, "270230000000Z"u8)),
        Edited("nested a thousand times", der => DerTree.Edit(der, nodes => nodes[3].Children = [DerTree.Nested(1_000)])),
        Edited("a negative serial number", der => Replace(der, [0x02, 0x03, 0x01], [0x02, 0x03, 0xff])),
        Edited("a compressed point", der => Replace(der, [0x03, 0x42, 0x00, 0x04], [0x03, 0x42, 0x00, 0x02])),

        // Extensions, algorithms and keys
        Leaf("an unknown critical extension", CertificateRules.CriticalExtension, Room() with { Extensions = [new X509Extension("1.2.3.4", [5, 0], critical: true)] }),
        Under("an intermediate with an unknown critical extension", CertificateRules.CriticalExtension, Authority() with { Extensions = [new X509Extension("1.2.3.4", [5, 0], critical: true)] }),
        Raw("an intermediate signed with SHA-1", CertificateRules.SignatureAlgorithm, () => UnderSha1(sha1AtRoot: true)),
        Raw("a leaf signed with SHA-1", CertificateRules.SignatureAlgorithm, () => UnderSha1(sha1AtRoot: false)),
        Under("an intermediate with RSA-1024", CertificateRules.KeyStrength, Authority(), () => RsaSigner(1024)),
        Raw("a leaf on secp256k1", CertificateRules.KeyStrength, () => Chain(Intermediate.Issue(Room(), TestSigner.EcKey("1.3.132.0.10", NewKey().PublicKey)), Intermediate.Certificate)),
        Raw("a leaf with RSA", CertificateRules.KeyScheme, () => Chain(Intermediate.Issue(Room(), RsaSigner(2048).PublicKey), Intermediate.Certificate)),
        Leaf("a leaf on P-384 where the suite has P-256", CertificateRules.KeyScheme, Room(), SignatureScheme.EcdsaSecp384r1Sha384),
        Leaf("a leaf of Ed25519 where the suite has P-256", CertificateRules.KeyScheme, Room(), SignatureScheme.Ed25519),
        new("a certificate of another key", CertificateRules.KeyMismatch, () => (Good(NewKey()), NewKey().PublicKey())),

        // What a leaf and its issuers may be
        Leaf("a leaf that is an authority", CertificateRules.LeafIsAuthority, Room() with { IsAuthority = true }),
        Leaf("a leaf that may sign certificates", CertificateRules.LeafIsAuthority, Room() with { Usage = X509KeyUsageFlags.DigitalSignature | CertSign }),
        Leaf("no key usage", CertificateRules.KeyUsage, Room() with { Usage = null }),
        Leaf("a key usage without digitalSignature", CertificateRules.KeyUsage, Room() with { Usage = X509KeyUsageFlags.KeyAgreement }),
        Leaf("for signing code only", CertificateRules.ExtendedKeyUsage, Room() with { Purposes = ["1.3.6.1.5.5.7.3.3"] }),
        Leaf("for signing OCSP answers only", CertificateRules.ExtendedKeyUsage, Room() with { Purposes = ["1.3.6.1.5.5.7.3.9"] }),
        Under("an intermediate that is no authority", CertificateRules.IssuerIsNoAuthority, Authority() with { IsAuthority = false }),
        Under("an intermediate that may not sign certificates", CertificateRules.IssuerIsNoAuthority, Authority() with { Usage = X509KeyUsageFlags.DigitalSignature }),

        // Names
        Named("no name but the common name", CertificateRules.NameCount),
        Named("two DNS names", CertificateRules.NameCount, SubjectNames.Dns("room1.example.org"), SubjectNames.Dns("room2.example.org")),
        Named("the same name twice", CertificateRules.NameCount, SubjectNames.Dns("room1.example.org"), SubjectNames.Dns("room1.example.org")),
        Named("a DNS name and a mailbox", CertificateRules.NameCount, SubjectNames.Dns("room1.example.org"), SubjectNames.Mailbox("a@example.org")),
        Named("a DNS name and an address", CertificateRules.NameCount, SubjectNames.Dns("room1.example.org"), SubjectNames.Address(192, 0, 2, 1)),
        Named("an address", CertificateRules.NameCount, SubjectNames.Address(192, 0, 2, 1)),
        .. BadDns("", "*.example.org", "room1.example.org\0.evil.example", "r\u00f6\u00f6m.example.org", "r\u00c3\u00b6m.example.org", "room1.example.org.", ".example.org",
            "room_1.example.org", "room1", "192.0.2.1", "ab--cd.example.org", "-room.example.org", "room 1.example.org", new string('a', 64) + ".example.org",
            string.Join('.', Enumerable.Repeat("abcdefghi", 26)), "room1.example.org/x"),
        .. BadMailbox("", "alice", "@example.org", "alice@", "alice@@example.org", "alice@bob@example.org", "\"alice\"@example.org", "a..b@example.org", ".a@example.org",
            "al\u00efce@example.org", "alice@*.example.org", "alice\0@example.org", "Alice <alice@example.org>", "alice@[192.0.2.1]", new string('a', 65) + "@example.org"),
        .. BadUri("", "urn:uuid:", "urn:uuid:1234", "urn:uuid:{b2a6ee59-283a-431f-adfc-492186fe72b4}", "urn:other:x", "room1.example.org", "//room1.example.org", "HTTPS://room1.example.org",
            "https://Room1.example.org", "https://a@room1.example.org", "https://room1.example.org:443/", "https://room1.example.org/%61", "https://room1.example.org/?q", "https://room1.example.org/a/../b"),

        // Order
        Raw("the root before the leaf", CertificateRules.Order, () => Chain(Root.Certificate, Intermediate.Certificate, Own(Intermediate, Room()))),
        Raw("the intermediate after the root", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Root.Certificate, Intermediate.Certificate)),
        Raw("no intermediate between leaf and root", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Root.Certificate)),
        Raw("a stranger after the root", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Intermediate.Certificate, Root.Certificate, Stranger().Certificate)),
        Raw("a stranger in the middle", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Stranger().Certificate, Intermediate.Certificate)),
        Raw("the intermediate twice", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Intermediate.Certificate, Intermediate.Certificate)),
        Raw("the root twice", CertificateRules.Order, () => Chain(Own(Intermediate, Room()), Intermediate.Certificate, Root.Certificate, Root.Certificate)),

        // Anchors and signatures
        Raw("signed by itself", IdentityRules.Anchor, () => SelfSigned(Room() with { Subject = "CN=room" })),
        Raw("signed by itself in the name of the root", IdentityRules.Anchor, () => SelfSigned(Room() with { Subject = "CN=Root" })),
        Raw("an authority that nobody knows", IdentityRules.Anchor, () => Under(Stranger())),
        Raw("no intermediate at all", IdentityRules.Anchor, () => Chain(Own(Intermediate, Room()))),
        Raw("a root of the right name and another key", IdentityRules.Anchor, () => Under(TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner()))),
        Raw("issued in the root's name by another key", IdentityRules.Signature, () => Chain(Own(TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner()), Room()))),
        Raw("the root's key in a certificate of a stranger", IdentityRules.Signature, () => Chain(Own(Stranger("Root"), Room()), Root.Certificate)),
        new("a changed signature", IdentityRules.Signature, () => Changed(der => der[^1] ^= 1)),
        new("a changed name", IdentityRules.Signature, () => Changed(der => der[der.AsSpan().IndexOf("room1.example.org"u8)] ^= 1)),
        Raw("an intermediate whose point is not on its curve", IdentityRules.Path, OffCurve),

        // Constraints
        Under("a name that the intermediate is not permitted to give", IdentityRules.NameConstraints, Authority() with { Extensions = [SubjectNames.PermitDns("other.example")] }),
        Under("a name that the intermediate is forbidden to give", IdentityRules.NameConstraints, Authority() with { Extensions = [SubjectNames.ExcludeDns("example.org")] }),
        Raw("one authority too many", IdentityRules.PathLength, TooLong),

        // Dates
        Leaf("not yet valid", IdentityRules.NotYetValid, Room() with { NotBefore = Today.AddSeconds(1) }),
        Leaf("expired", IdentityRules.Expired, Room() with { NotAfter = Today.AddSeconds(-1) }),
        Under("an intermediate not yet valid", IdentityRules.NotYetValid, Authority() with { NotBefore = Today.AddSeconds(1) }),
        Under("an expired intermediate", IdentityRules.Expired, Authority() with { NotAfter = Today.AddSeconds(-1) }),
    ];

    public override string ToString() => Name;

    /// <summary>A good chain for a key, without the root.</summary>
    public static Credential Good(SigningKey key, string name = "room1.example.org") => Chain(Certify(Intermediate, Room(name), key), Intermediate.Certificate);

    private static CertificateContent Authority() => CertificateContent.Authority("Another intermediate");

    private static TestAuthority Stranger(string name = "Stranger") => TestAuthority.Root(CertificateContent.Authority(name), NewSigner());

    private static byte[] Own(TestAuthority issuer, CertificateContent content) => Certify(issuer, content, NewKey());

    // With the key that is in the certificate, if there is one.
    private static BadIdentity Raw(string name, Refusal rule, Func<Credential> present) => new(name, rule, () =>
    {
        Credential credential = present();
        bool isRead = credential.Certificates.Count > 0 && CertificateFields.Read(credential.Certificates[0], out CertificateFields? fields) is null && !fields!.PublicKey.IsEmpty;
        CertificateFields.Read(isRead ? credential.Certificates[0] : default, out fields);
        return (credential, fields?.PublicKey ?? ByteString.CopyOf(new byte[65]));
    });

    private static BadIdentity Leaf(string name, Refusal rule, CertificateContent content, SignatureScheme scheme = P256) => new(name, rule, () =>
    {
        SigningKey key = NewKey(scheme);
        return (Chain(Certify(Intermediate, content, key), Intermediate.Certificate), key.PublicKey());
    });

    private static BadIdentity Under(string name, Refusal rule, CertificateContent issuer, Func<TestSigner>? signer = null) =>
        Raw(name, rule, () => Under(Root.Subordinate(issuer, signer?.Invoke() ?? NewSigner())));

    private static Credential Under(TestAuthority issuer) => Chain(Own(issuer, Room()), issuer.Certificate);

    private static BadIdentity Named(string name, Refusal rule, params byte[][] names) => Leaf(name, rule, new CertificateContent { Names = names });

    private static IEnumerable<BadIdentity> BadDns(params string[] names) =>
        names.Select(name => Named($"the DNS name '{Printable(name)}'", CertificateRules.NameForm, SubjectNames.Dns(name)));

    private static IEnumerable<BadIdentity> BadMailbox(params string[] names) =>
        names.Select(name => Named($"the mailbox '{Printable(name)}'", CertificateRules.NameForm, SubjectNames.Mailbox(name)));

    private static IEnumerable<BadIdentity> BadUri(params string[] names) =>
        names.Select(name => Named($"the URI '{Printable(name)}'", CertificateRules.NameForm, SubjectNames.Uri(name)));

    private static string Printable(string name) => string.Concat(name.Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\x{(int)c:x2}"));

    private static BadIdentity Edited(string name, Func<byte[], byte[]> edit) =>
        Raw(name, CertificateRules.Encoding, () => Chain(edit(Own(Intermediate, Room())), Intermediate.Certificate));

    private static (Credential Credential, ByteString SignatureKey) Changed(Action<byte[]> change)
    {
        SigningKey key = NewKey();
        byte[] leaf = Certify(Intermediate, Room(), key);
        change(leaf);
        return (Chain(leaf, Intermediate.Certificate), key.PublicKey());
    }

    private static byte[] Replace(byte[] bytes, ReadOnlySpan<byte> what, ReadOnlySpan<byte> with)
    {
        byte[] changed = [.. bytes];
        with.CopyTo(changed.AsSpan(bytes.AsSpan().IndexOf(what)));
        return changed;
    }

    private static Credential SelfSigned(CertificateContent content)
    {
        var self = TestAuthority.Root(content, NewSigner());
        return Chain(self.Certificate);
    }

    private static Credential UnderSha1(bool sha1AtRoot)
    {
        var sha1 = TestSigner.Rsa(2048, HashAlgorithmName.SHA1);
        if (!sha1AtRoot)
            return Under(Root.Subordinate(Authority(), sha1));

        TestAuthority root = TestAuthority.Root(CertificateContent.Authority("Root"), sha1);
        return Under(root.Subordinate(Authority(), NewSigner()));
    }

    private static Credential TooLong()
    {
        TestAuthority last = Root.Subordinate(Authority() with { PathLength = 0 }, NewSigner());
        TestAuthority tooMany = last.Subordinate(CertificateContent.Authority("One too many"), NewSigner());
        return Chain(Own(tooMany, Room()), tooMany.Certificate, last.Certificate);
    }

    private static Credential OffCurve()
    {
        byte[] point = [0x04, .. Enumerable.Repeat((byte)7, 64)];
        byte[] issuer = Root.Issue(CertificateContent.Authority("Off the curve"), TestSigner.EcKey("1.2.840.10045.3.1.7", point));
        TestAuthority same = Root.Subordinate(CertificateContent.Authority("Off the curve"), NewSigner());
        return Chain(Own(same, Room()), issuer);
    }
}
