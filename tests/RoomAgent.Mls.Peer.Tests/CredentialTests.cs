using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>Both kinds of credentials. ts-mls carries certificates without looking into them, and so does core.</summary>
public sealed class CredentialTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void MembersWithCertificatesAndWithout(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Credential chain = Chain("room-7.example.org");
        Member alice = room.Founder("alice", Chain("room-1.example.org"));
        Member bob = room.Foreigner("bob", chain);
        Member carol = room.Native("carol");
        Member dave = room.Foreigner("dave");

        room.Add(alice, bob, carol, dave);
        room.Update(bob);
        room.Update(carol);
        room.Resync(bob, host: dave);

        room.EverybodyTalks();
        OurMember ours = new[] { alice, bob, carol, dave }.OfType<OurMember>().First();
        Assert.Equal(chain, ours.CredentialOf(bob.Look().Leaf));
    }

    // The member's own certificate and its issuer's.
    private static Credential Chain(string name)
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issuer = new CertificateRequest("CN=issuer", issuerKey, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 own = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

        return Credential.X509([ByteString.CopyOf(own.RawData), ByteString.CopyOf(issuer.RawData)]);
    }
}
