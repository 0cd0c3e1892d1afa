namespace RoomAgent.Mls.Peer.Tests;

/// <summary>
/// Where ts-mls 1.6.4 is at fault, so that peer.mjs has a cure, or a case is missing among the conversations. When a newer version has mended
/// one of these its test fails: then the cure can go, and the case can come.
/// </summary>
public sealed class PeerFaultTests(TsMls peer)
{
    // RFC 9420 section 5.1.1: the signature keys of the NIST curves are UncompressedPointRepresentation.
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void TheirSignatureKeysAreCompressed(int suite)
    {
        using var alice = new OurMember("alice", suite, Form.PublicMessage, Credential.Basic("alice"u8));
        var bob = new TheirMember(peer, "bob", suite, Form.PublicMessage, Credential.Basic("bob"u8), uncured: true);
        alice.Found([1]);

        Assert.Equal(Rules.PublicKey, alice.RefuseToCommit(new Change.Add(bob.NewKeyPackage())));
    }

    // Section 12.4.3.2: struct { HPKEPublicKey external_pub; } ExternalPub, and an HPKEPublicKey is opaque<V>.
    [Fact]
    public void TheirExternalPubLacksItsLength()
    {
        using var alice = new OurMember("alice", suite: 1, Form.PublicMessage, Credential.Basic("alice"u8));
        var bob = new TheirMember(peer, "bob", suite: 1, Form.PublicMessage, Credential.Basic("bob"u8), uncured: true);
        bob.Found([1]);

        Assert.Equal(Rules.ExternalPubMissing, alice.RefuseToJoinByCommit(bob.Present(withTree: true)));
    }

    // Section 17.4: a commit that covers a GroupContextExtensions proposal has a path. They give it one only when it covers nothing,
    // an Update or a Remove.
    [Fact]
    public void TheirCommitOfGroupContextExtensionsLacksItsPath()
    {
        using var room = new Conversation(peer, suite: 2, Form.PublicMessage, Side.Theirs);
        Member bob = room.Founder("bob");
        var alice = (OurMember)room.Foreigner("alice");
        room.Add(bob, alice);

        Commitment commitment = bob.Commit(treeInWelcome: true, new Change.Extensions());

        Assert.Equal(Rules.PathMissing, alice.Refuse(commitment.Message));
    }

    // They look whether their leaf is blank after the commit, and take who was put there for themselves.
    [Fact]
    public void TheyDoNotSeeThatTheyArePutOutWhileSomebodyTakesTheirPlace()
    {
        using var room = new Conversation(peer, suite: 2, Form.PublicMessage, Side.Ours);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        room.Add(alice, bob);
        byte[] carol = room.Native("carol").NewKeyPackage();

        Commitment commitment = alice.Commit(treeInWelcome: true, new Change.Remove(bob.Look().Leaf), new Change.Add(carol));

        Assert.Throws<PeerRefusedException>(() => bob.Receive(commitment.Message));
        Assert.True(bob.IsMember);
    }

    // Section 12.4.3.1: nodes between an unmerged leaf and the node that lists it list it too. They want that of the nodes above as well,
    // and so refuse a tree in which one of those has had a new key since.
    [Fact]
    public void TheyRefuseATreeWhereALeafIsMergedAboveAndUnmergedBelow()
    {
        using var room = new Conversation(peer, suite: 2, Form.PublicMessage, Side.Ours);
        Member[] members = [room.Founder("0"), .. Enumerable.Range(1, 6).Select(i => room.Native($"{i}"))];
        room.Add(members[0], members[1..]);
        room.Update(members[4]);
        room.Add(members[0], room.Native("7"));
        room.Update(members[0]);

        Assert.Throws<PeerRefusedException>(() => room.Add(members[0], room.Foreigner("bob")));
    }
}
