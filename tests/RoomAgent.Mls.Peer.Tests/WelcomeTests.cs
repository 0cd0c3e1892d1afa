namespace RoomAgent.Mls.Peer.Tests;

/// <summary>Joining by a Welcome (RFC 9420 section 12.4.3.1).</summary>
public sealed class WelcomeTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void OneIsAddedAndBothTalk(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");

        room.Add(alice, room.Foreigner("bob"));

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void TheTreeCanTravelBesideTheWelcome(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");

        room.AddWithTreeApart(alice, room.Foreigner("bob"));
        room.AddWithTreeApart(alice, room.Native("carol"));
        room.AddWithTreeApart(alice, room.Foreigner("dave"));

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void ManyAreAddedByOneCommit(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");

        room.Add(alice, room.Foreigner("bob"), room.Native("carol"), room.Foreigner("dave"), room.Native("erin"));

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void WhoWasAddedAddsTheNext(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");

        room.Add(alice, bob);
        room.Add(bob, carol);
        room.Add(carol, room.Foreigner("dave"));

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void WhoIsAddedByACommitWithAPathLearnsThePathSecret(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        room.Add(alice, bob, carol);

        // ts-mls does not see that it is put out while somebody takes its place: PeerFaultTests.
        if (carol.Side == Side.Theirs)
            room.HangUp(carol);

        // A Remove makes the path needed. What the joiners got by it, the following updates are encrypted with.
        Member dave = room.Native("dave");
        Member erin = room.Foreigner("erin");
        room.AddAnd(bob, [dave, erin], new Change.Remove(carol.Look().Leaf));
        room.Update(alice);
        room.Update(dave);
        room.Update(erin);

        room.EverybodyTalks();
    }
}
