namespace RoomAgent.Mls.Peer.Tests;

/// <summary>A whole meeting in every suite of RFC 9420.</summary>
public sealed class MeetingTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.EverySuite), MemberType = typeof(Cases))]
    public void PeopleComeAndGoForManyEpochs(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        Member dave = room.Foreigner("dave");
        Member erin = room.Native("erin");
        Member frank = room.Foreigner("frank");

        room.Add(alice, bob, carol);
        room.Update(bob);
        room.JoinByCommit(dave, host: carol);
        room.EverybodyTalks();

        room.ProposeUpdate(carol);
        room.ProposeUpdate(alice);
        room.Commit(dave);
        room.Remove(carol, bob);
        room.AddWithTreeApart(dave, erin);
        room.EverybodyTalks();

        room.Update(erin);
        room.JoinByCommit(frank, host: erin);
        room.Resync(dave, host: frank);
        room.Remove(frank, alice);
        room.Update(carol);

        room.EverybodyTalks();
    }
}
