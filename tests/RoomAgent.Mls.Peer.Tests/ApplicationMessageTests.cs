namespace RoomAgent.Mls.Peer.Tests;

/// <summary>Data of the application that does not come in order (RFC 9420 sections 9 and 15.3).</summary>
public sealed class ApplicationMessageTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void MessagesMayOvertakeEachOther(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        room.Add(alice, bob);

        foreach ((Member speaker, Member listener) in new[] { (alice, bob), (bob, alice) })
        {
            byte[][] messages = [.. Enumerable.Range(0, 5).Select(i => speaker.Say($"{i}"))];

            foreach (int i in new[] { 3, 0, 4, 1, 2 })
                Assert.Equal($"{i}", listener.Hear(messages[i]));
        }
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void AMessageOfTheLastEpochIsStillRead(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        room.Add(alice, bob);

        byte[] fromAlice = alice.Say("late, from alice");
        byte[] fromBob = bob.Say("late, from bob");
        room.Update(alice);
        room.Update(bob);

        Assert.Equal("late, from alice", bob.Hear(fromAlice));
        Assert.Equal("late, from bob", alice.Hear(fromBob));
    }
}
