using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

/// <summary>A live group of members with certificates, suite 2.</summary>
public sealed class GroupTests
{
    private static readonly CipherSuite s_suite = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;
    private static readonly GroupTime s_now = new(new Instant(1_000), Today);
    private static readonly CertificatePaths s_paths = new(OpenSslCrypto.Instance);

    [Fact]
    public void ThreeMembersAddJoinUpdateAndRemove()
    {
        (Group a, Group b, Group c) = ThreeMembers();
        AssertAgree(a, b, c);
        Assert.Equal(
            ["dns:a.example.org", "dns:b.example.org", "dns:c.example.org"],
            c.Members.Select(member => System.Text.Encoding.ASCII.GetString(Provider().IdentityOf(member.Leaf.Credential)!.Value.Span)));

        Receive(b.ProposeUpdate(), a, c);
        Commit(a, new CommitOptions(), b, c);
        AssertAgree(a, b, c);

        Commit(c, new CommitOptions { Proposals = [new RemoveProposal(b.Self)] }, a, b);
        AssertAgree(a, c);
        Assert.True(b.IsClosed);
        Assert.Equal(2, a.MemberCount);
    }

    [Fact]
    public void AMemberOfAnUnknownAuthorityIsRefusedByEveryone()
    {
        var unknown = TestAuthority.Root(CertificateContent.Authority("Unknown"), NewSigner());
        (Group a, Group b, _) = ThreeMembers();
        KeyPackage stranger = Client("d", unknown).CreateKeyPackage(Lifetime()).KeyPackage;

        // An honest committer makes no such commit, and nobody covers the proposal.
        Assert.Equal(Rules.Credential, a.Commit(new CommitOptions { Proposals = [new AddProposal(stranger)] }, s_now, out _));
        Receive(a.Propose(new AddProposal(stranger)), b);
        Assert.Null(b.Commit(new CommitOptions(), s_now, out PendingCommit? without));
        Assert.Empty(without!.Staged.Added);

        // A committer that trusts others than we do gets no further.
        var gullible = Client("e", Intermediate, AnchorSet.Of(Anchor, AnchorOf(unknown)));
        Group e = Join(a, gullible, b);
        Assert.Null(e.Commit(new CommitOptions { Proposals = [new AddProposal(stranger)] }, s_now, out PendingCommit? bad));
        Assert.Equal(Rules.Credential, a.Receive(bad!.Message, s_now, out _));
        Assert.Equal(Rules.Credential, b.Receive(bad.Message, s_now, out _));
        AssertAgree(a, b, e);
    }

    [Fact]
    public void AJoinerRefusesAGroupWithAMemberOfAnUnknownAuthority()
    {
        var unknown = TestAuthority.Root(CertificateContent.Authority("Unknown"), NewSigner());
        AnchorSet all = AnchorSet.Of(Anchor, AnchorOf(unknown));
        Assert.Null(Group.Create(Client("a", unknown, all), default, [], new GroupSettings(), s_now, null, out Group? group));
        MlsClient joiner = Client("b", Intermediate);
        OwnKeyPackage package = joiner.CreateKeyPackage(Lifetime());
        Assert.Null(group!.Commit(new CommitOptions { Proposals = [new AddProposal(package.KeyPackage)] }, s_now, out PendingCommit? commit));

        Assert.Equal(Rules.Credential, Group.Join(joiner, commit!.Welcome!, package, default, new GroupSettings(), s_now, null, out _));
    }

    [Fact]
    public void NobodyTakesTheNameOfAnother()
    {
        (Group a, Group b, _) = ThreeMembers();

        // Neither as a newcomer,
        KeyPackage twin = Client("B").CreateKeyPackage(Lifetime()).KeyPackage;
        Assert.Equal(Rules.IdentityTwice, a.Commit(new CommitOptions { Proposals = [new AddProposal(twin)] }, s_now, out _));

        // nor as a member that changes its name to one that is free or taken,
        Assert.Equal(Rules.Successor, a.Commit(new CommitOptions { NewClient = Client("b") }, s_now, out _));
        Assert.Equal(Rules.Successor, a.Commit(new CommitOptions { NewClient = Client("f") }, s_now, out _));

        // nor with the chain of another and a key of its own.
        MlsClient thief = Client("thief") with { Credential = b.MemberAt(b.Self)!.Credential };
        Assert.Equal(Rules.Credential, a.Commit(new CommitOptions { NewClient = thief }, s_now, out _));
        Assert.Equal(Rules.Credential, a.Commit(new CommitOptions { Proposals = [new AddProposal(thief.CreateKeyPackage(Lifetime()).KeyPackage)] }, s_now, out _));
    }

    [Fact]
    public void AMemberGoesOnWithARenewedCertificateAndANewKey()
    {
        (Group a, Group b, Group c) = ThreeMembers();
        ByteString before = b.MemberAt(b.Self)!.SignatureKey;

        Commit(b, new CommitOptions { NewClient = Client("b") }, a, c);
        AssertAgree(a, b, c);
        Assert.NotEqual(before, a.MemberAt(b.Self)!.SignatureKey);

        // And can act with it.
        Commit(b, new CommitOptions { ForcePath = true }, a, c);
        AssertAgree(a, b, c);
    }

    [Fact]
    public void ACertificateThatExpiresInAMeetingDoesNotBreakIt()
    {
        (Group a, Group b, Group c) = ThreeMembers();
        GroupTime late = new(new Instant(2_000), CertificateContent.End.AddDays(1));

        Assert.Null(a.Commit(new CommitOptions { ForcePath = true }, late, out PendingCommit? commit));
        foreach (Group other in new[] { b, c })
        {
            Assert.Null(other.Receive(commit!.Message, late, out Received? received));
            Assert.Null(other.Merge(((CommitMessage)received!).Staged, late.Now));
        }

        Assert.Null(a.Merge(commit!.Staged, late.Now));
        AssertAgree(a, b, c);
    }

    private static Lifetime Lifetime() => new(0, ulong.MaxValue);

    private static MlsClient Client(string name, TestAuthority? issuer = null, AnchorSet? anchors = null)
    {
        SigningKey key = NewKey();
        TestAuthority authority = issuer ?? Intermediate;
        Credential credential = Chain(Certify(authority, Room($"{name}.example.org"), key), authority.Certificate);
        return new MlsClient(s_suite, Provider(s_paths, anchors: anchors), new SeededRandom(name.GetHashCode(StringComparison.Ordinal)), key, credential);
    }

    private static (Group A, Group B, Group C) ThreeMembers()
    {
        Assert.Null(Group.Create(Client("a"), ByteString.CopyOf("room"u8), [], new GroupSettings(), s_now, null, out Group? a));
        Group b = Join(a!, Client("b"));
        return (a!, b, Join(a!, Client("c"), b));
    }

    private static Group Join(Group by, MlsClient joiner, params Group[] others)
    {
        OwnKeyPackage package = joiner.CreateKeyPackage(Lifetime());
        PendingCommit commit = Commit(by, new CommitOptions { Proposals = [new AddProposal(package.KeyPackage)], CoverReceived = false }, others);
        Assert.Null(Group.Join(joiner, commit.Welcome!, package, default, new GroupSettings(), s_now, null, out Group? joined));
        return joined!;
    }

    private static PendingCommit Commit(Group by, CommitOptions options, params Group[] others)
    {
        Assert.Null(by.Commit(options, s_now, out PendingCommit? commit));
        foreach (Group other in others)
        {
            Assert.Null(other.Receive(commit!.Message, s_now, out Received? received));
            Assert.Null(other.Merge(((CommitMessage)received!).Staged, s_now.Now));
        }

        Assert.Null(by.Merge(commit!.Staged, s_now.Now));
        return commit;
    }

    private static void Receive(MlsMessage message, params Group[] others)
    {
        foreach (Group other in others)
            Assert.Null(other.Receive(message, s_now, out _));
    }

    private static void AssertAgree(params Group[] members)
    {
        foreach (Group member in members)
            Assert.True(member.EpochAuthenticator.SequenceEqual(members[0].EpochAuthenticator));
    }
}
