using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

public sealed class CertificatePathsTests
{
    [Fact]
    public void TheAnchorMayBeInTheChainOrLeftOut()
    {
        SigningKey key = NewKey();
        byte[] leaf = Certify(Intermediate, Room(), key);

        Assert.Null(Admit(Anchors, key, leaf, Intermediate.Certificate));
        Assert.Null(Admit(Anchors, key, leaf, Intermediate.Certificate, Root.Certificate));
        Assert.Null(Admit(AnchorSet.Of(AnchorOf(Intermediate)), key, leaf));
        Assert.Null(Admit(AnchorSet.Of(AnchorOf(Intermediate)), key, leaf, Intermediate.Certificate));
        Assert.Null(Admit(AnchorSet.Of(AnchorOf(Intermediate)), key, leaf, Intermediate.Certificate, Root.Certificate));
    }

    [Fact]
    public void AnAnchorKnownByItsKeyAloneMustBeInTheChain()
    {
        SigningKey key = NewKey();
        byte[] leaf = Certify(Intermediate, Room(), key);
        AnchorSet root = AnchorSet.OfKeys([AnchorOf(Root).KeyHash]), intermediate = AnchorSet.OfKeys([AnchorOf(Intermediate).KeyHash]);

        Assert.Equal(IdentityRules.Anchor, Admit(root, key, leaf, Intermediate.Certificate));
        Assert.Null(Admit(root, key, leaf, Intermediate.Certificate, Root.Certificate));
        Assert.Null(Admit(intermediate, key, leaf, Intermediate.Certificate));
        Assert.Null(Admit(intermediate, key, leaf, Intermediate.Certificate, Root.Certificate));
        Assert.Equal(IdentityRules.Anchor, Admit(intermediate, key, leaf));
    }

    [Fact]
    public void AnAnchorThatOneOnlyClaimsToHaveIsNone()
    {
        // The anchor's key in a certificate of the attacker's making does not make the attacker's signature the anchor's.
        SigningKey key = NewKey();
        var impostor = TestAuthority.Root(CertificateContent.Authority("Impostor"), NewSigner());
        using X509Certificate2 root = X509CertificateLoader.LoadCertificate(Root.Certificate);
        byte[] claimed = impostor.Issue(CertificateContent.Authority("Impostor") with { Subject = "CN=Impostor" }, root.PublicKey);

        Assert.Equal(IdentityRules.Signature, Admit(AnchorSet.OfKeys([AnchorOf(Root).KeyHash]), key, Certify(impostor, Room(), key), claimed));
    }

    [Fact]
    public void TheConstraintsOfAnInstalledAnchorCannotBeShedByPresentingItWithoutThem()
    {
        TestSigner signer = NewSigner();
        var limited = TestAuthority.Root(CertificateContent.Authority("Limited") with { Extensions = [SubjectNames.PermitDns("other.example")] }, signer);
        var without = TestAuthority.Root(CertificateContent.Authority("Limited"), signer);
        SigningKey key = NewKey();
        byte[] leaf = Certify(limited, Room(), key);

        Assert.Equal(IdentityRules.NameConstraints, Admit(AnchorSet.Of(AnchorOf(limited)), key, leaf));
        Assert.Equal(IdentityRules.NameConstraints, Admit(AnchorSet.Of(AnchorOf(limited)), key, leaf, without.Certificate));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void HowManyAuthoritiesMayBeBelowAnAnchorIsCountedInEveryWay(bool limitsNames)
    {
        // Limits on names send the whole path to the platform; without, the issuers are validated for all their members.
        CertificateContent authority(string name, int? below) => CertificateContent.Authority(name) with
        {
            PathLength = below,
            Extensions = limitsNames ? [SubjectNames.PermitDns("example.org")] : [],
        };
        foreach (SignatureScheme scheme in new[] { P256, SignatureScheme.EcdsaSecp384r1Sha384 })
        {
            foreach (int below in new[] { 0, 1, 2 })
            {
                var root = TestAuthority.Root(authority("Top", below), NewSigner(scheme));
                var first = root.Subordinate(authority("First", null), NewSigner(scheme));
                var second = first.Subordinate(authority("Second", null), NewSigner(scheme));
                AnchorSet anchors = AnchorSet.Of(AnchorOf(root));
                SigningKey key = NewKey();

                Assert.Null(Admit(anchors, key, Certify(root, Room(), key)));
                Assert.Equal(below < 1 ? IdentityRules.PathLength : null, Admit(anchors, key, Certify(first, Room(), key), first.Certificate));
                Assert.Equal(below < 2 ? IdentityRules.PathLength : null, Admit(anchors, key, Certify(second, Room(), key), second.Certificate, first.Certificate));
            }
        }
    }

    [Fact]
    public void TwoAnchorsOfOneNameAreBothTried()
    {
        var old = TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner());
        SigningKey key = NewKey();
        byte[] leaf = Certify(Intermediate, Room(), key);

        Assert.Null(Admit(AnchorSet.Of(AnchorOf(old), Anchor), key, leaf, Intermediate.Certificate));
        Assert.Null(Admit(AnchorSet.Of(Anchor, AnchorOf(old)), key, leaf, Intermediate.Certificate));
    }

    [Fact]
    public void AnAnchorMustBeWhatAnIssuerMustBe()
    {
        byte[] weak = TestAuthority.Root(CertificateContent.Authority("Weak"), RsaSigner(1024)).Certificate;

        Assert.Equal(CertificateRules.KeyStrength, TrustAnchor.Read(weak, "weak", AnchorOrigin.Installed, out _));
        Assert.Equal(CertificateRules.IssuerIsNoAuthority, TrustAnchor.Read(Certify(Root, Room(), NewKey()), "leaf", AnchorOrigin.Installed, out _));
        Assert.Equal(CertificateRules.Size, TrustAnchor.Read(new byte[1 << 20], "large", AnchorOrigin.Installed, out _));
        Assert.Equal(CertificateRules.Encoding, TrustAnchor.Read("text"u8, "text", AnchorOrigin.Installed, out _));
    }

    [Fact]
    public void APathIsValidatedOnceForAllWhoAsk()
    {
        var paths = new CertificatePaths(OpenSslCrypto.Instance);
        SigningKey key = NewKey();
        Credential credential = BadIdentity.Good(key);
        var judge = new IdentityJudge(paths, P256, [Anchor], new KnownRevocations(), UnknownRevocation.Tolerated);

        for (int i = 0; i < 10; i++)
        {
            Assert.True(Provider(paths).IsValid(credential, key.PublicKey(), IdentityRole.Member, Today));
            Assert.Equal(Standing.Verified, judge.Judge(credential, key.PublicKey(), Today).Standing);
        }

        // One for the issuers, one for the member.
        Assert.Equal(2, paths.Validations);
    }

    [Fact]
    public void WhatIsStillAskedForStaysAndTheRestIsForgotten()
    {
        var paths = new CertificatePaths(OpenSslCrypto.Instance, remembered: 4);
        SigningKey key = NewKey();
        Credential first = BadIdentity.Good(key);
        X509IdentityProvider provider = Provider(paths);

        for (int i = 0; i < 20; i++)
        {
            SigningKey other = NewKey();
            Assert.True(provider.IsValid(first, key.PublicKey(), IdentityRole.Member, Today));
            Assert.True(provider.IsValid(BadIdentity.Good(other), other.PublicKey(), IdentityRole.Member, Today));
        }

        Assert.InRange(paths.Validations, 22, 22 + 10);
        Assert.InRange(paths.Remembered, 4, 8);
    }

    [Fact]
    public void ManyThreadsGetTheSameAnswers()
    {
        var paths = new CertificatePaths(OpenSslCrypto.Instance, remembered: 8);
        (SigningKey Key, Credential Credential)[] members = [.. Enumerable.Range(0, 16).Select(_ => NewKey()).Select(key => (key, BadIdentity.Good(key)))];
        X509IdentityProvider provider = Provider(paths);

        Parallel.For(0, 400, i =>
        {
            (SigningKey key, Credential credential) = members[i % members.Length];
            Assert.True(provider.IsValid(credential, key.PublicKey(), IdentityRole.Member, Today));
            Assert.False(provider.IsValid(credential, members[(i + 1) % members.Length].Key.PublicKey(), IdentityRole.Member, Today));
        });
    }

    [Fact]
    public async Task NobodyIsCalledWhateverTheCertificateSays()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        string address = $"http://{server.LocalEndpoint}/";
        SigningKey key = NewKey();
        CertificateContent inviting = Room() with
        {
            Extensions =
            [
                new X509AuthorityInformationAccessExtension([address + "ocsp"], [address + "issuer.der"]),
                CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([address + "crl"]),
            ],
        };

        // Neither when all is there nor when the issuer is missing.
        byte[] leaf = Certify(Intermediate, inviting, key);
        Assert.Null(Admit(Anchors, key, leaf, Intermediate.Certificate));
        Assert.Equal(IdentityRules.Anchor, Admit(Anchors, key, leaf));
        byte[] impostors = Certify(TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner()), inviting, key);
        Assert.Equal(IdentityRules.Signature, Admit(Anchors, key, impostors));

        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(server.Pending());
    }

    private static Refusal? Admit(AnchorSet anchors, SigningKey key, params byte[][] chain) =>
        Provider(anchors: anchors).Admit(Chain(chain), key.PublicKey(), IdentityRole.Joiner, Today);
}
