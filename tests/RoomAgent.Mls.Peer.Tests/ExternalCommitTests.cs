namespace RoomAgent.Mls.Peer.Tests;

/// <summary>Joining by a commit of one's own (RFC 9420 section 12.4.3.2).</summary>
public sealed class ExternalCommitTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void OneJoinsByItsOwnCommit(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        Member dave = room.Foreigner("dave");

        room.JoinByCommit(bob, host: alice);
        room.JoinByCommit(carol, host: bob);
        room.JoinByCommit(dave, host: carol);

        room.EverybodyTalks();
        room.Update(alice);
        room.Update(dave);
        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void TheTreeCanTravelBesideTheGroupInfo(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");

        room.JoinByCommit(bob, host: alice, treeInGroupInfo: false);
        room.JoinByCommit(room.Native("carol"), host: bob, treeInGroupInfo: false);

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void WhoLostItsStateComesBack(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        Member dave = room.Foreigner("dave");
        room.Add(alice, bob, carol, dave);

        room.Resync(bob, host: carol);
        room.Resync(carol, host: dave);
        room.Update(alice);

        room.EverybodyTalks();
    }
}
