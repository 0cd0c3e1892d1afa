using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

public sealed class GoodIdentityTests
{
    public static TheoryData<SignatureScheme> Schemes => [.. Enum.GetValues<SignatureScheme>()];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void EverySchemeOfMlsIsAdmitted(SignatureScheme scheme)
    {
        var root = TestAuthority.Root(CertificateContent.Authority("Root"), NewSigner(scheme));
        var intermediate = root.Subordinate(CertificateContent.Authority("Intermediate"), NewSigner(scheme));
        SigningKey key = NewKey(scheme);
        Credential credential = Chain(Certify(intermediate, Room(), key), intermediate.Certificate);

        X509IdentityProvider provider = Provider(scheme: scheme, anchors: AnchorSet.Of(AnchorOf(root)));

        Assert.Null(provider.Admit(credential, key.PublicKey(), IdentityRole.Joiner, Today));
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(4096)]
    public void AuthoritiesMayUseRsa(int bits)
    {
        var root = TestAuthority.Root(CertificateContent.Authority("Root"), RsaSigner(bits));
        var intermediate = root.Subordinate(CertificateContent.Authority("Intermediate"), RsaSigner(2048));
        SigningKey key = NewKey();
        Credential credential = Chain(Certify(intermediate, Room(), key), intermediate.Certificate, root.Certificate);

        Assert.Null(Provider(anchors: AnchorSet.Of(AnchorOf(root))).Admit(credential, key.PublicKey(), IdentityRole.Joiner, Today));
    }

    // MEETING section 8: public authorities issue for servers and no longer for clients.
    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1")]
    [InlineData("1.3.6.1.5.5.7.3.2")]
    [InlineData("1.3.6.1.5.5.7.3.4")]
    [InlineData("2.5.29.37.0")]
    public void ACertificateForServersClientsMailOrAnythingIsAdmitted(string purpose)
    {
        SigningKey key = NewKey();
        Credential credential = Chain(Certify(Intermediate, Room() with { Purposes = [purpose] }, key), Intermediate.Certificate);

        Assert.Null(Provider().Admit(credential, key.PublicKey(), IdentityRole.Joiner, Today));
    }

    [Fact]
    public void ACertificateWithoutASubjectIsAdmitted()
    {
        SigningKey key = NewKey();
        Credential credential = Chain(Certify(Intermediate, Room() with { Subject = "" }, key), Intermediate.Certificate);

        Assert.Null(Provider().Admit(credential, key.PublicKey(), IdentityRole.Joiner, Today));
    }

    [Fact]
    public void ANameWithinTheConstraintsIsAdmitted()
    {
        var limited = Root.Subordinate(CertificateContent.Authority("Limited") with { Extensions = [SubjectNames.PermitDns("example.org")], PathLength = 0 }, NewSigner());
        SigningKey key = NewKey();
        Credential credential = Chain(Certify(limited, Room(), key), limited.Certificate);

        Assert.Null(Provider().Admit(credential, key.PublicKey(), IdentityRole.Joiner, Today));
    }

    public static TheoryData<byte[], string> Forms => new()
    {
        { SubjectNames.Dns("Room1.Example.ORG"), "dns:room1.example.org" },
        { SubjectNames.Dns("xn--rm-fka.example.org"), "dns:xn--rm-fka.example.org" },
        { SubjectNames.Dns("1.2.example"), "dns:1.2.example" },
        { SubjectNames.Mailbox("Alice.B+x@Example.org"), "mail:alice.b+x@example.org" },
        { SubjectNames.Uri("URN:UUID:B2A6EE59-283A-431F-ADFC-492186FE72B4"), "uri:urn:uuid:b2a6ee59-283a-431f-adfc-492186fe72b4" },
        { SubjectNames.Uri("spiffe://example.org/Room/1"), "uri:spiffe://example.org/Room/1" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void NamesThatMeanTheSameAreTheSame(byte[] name, string expected)
    {
        Credential credential = Chain(Certify(Intermediate, new CertificateContent { Names = [name] }, NewKey()));

        Assert.Equal(ByteString.CopyOf(System.Text.Encoding.ASCII.GetBytes(expected)), Provider().IdentityOf(credential));
    }

    [Fact]
    public void ANameDoesNotGetIntoALog()
    {
        CertifiedName? name = CertificateChain.NameOf(BadIdentity.Good(NewKey()));

        Assert.Equal("dns:(private)", $"{name}");
        Assert.DoesNotContain("room1", $"{new { Verdict = name }}", StringComparison.Ordinal);
    }

    [Fact]
    public void ASuccessorHasTheSameNameAndAnyKey()
    {
        X509IdentityProvider provider = Provider();
        Credential before = BadIdentity.Good(NewKey()), renewed = BadIdentity.Good(NewKey(), "ROOM1.example.org"), other = BadIdentity.Good(NewKey(), "room2.example.org");

        Assert.True(provider.IsSuccessor(before, renewed));
        Assert.False(provider.IsSuccessor(before, other));
        Assert.False(provider.IsSuccessor(before, Chain()));
        Assert.False(provider.IsSuccessor(Chain(), Chain()));
    }
}
