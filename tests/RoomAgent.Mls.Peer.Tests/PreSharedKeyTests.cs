namespace RoomAgent.Mls.Peer.Tests;

/// <summary>External pre-shared keys (RFC 9420 section 8.4).</summary>
public sealed class PreSharedKeyTests(TsMls peer)
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void EachSideMixesAKeyIn(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        room.Add(alice, bob, carol);
        Everybody(learns: "on the table", alice, bob, carol);

        room.Commit(alice, new Change.Psk("on the table"));
        room.Commit(bob, new Change.Psk("on the table"));

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void AProposedKeyIsCommittedByAnother(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        room.Add(alice, bob, carol);
        Everybody(learns: "on the wall", alice, bob, carol);

        room.Propose(bob, new Change.Psk("on the wall"));
        room.Commit(carol);
        room.Propose(carol, new Change.Psk("on the wall"));
        room.Commit(bob);

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void AJoinerNeedsTheKeysOfTheCommitThatAddsIt(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member alice = room.Founder("alice");
        Member bob = room.Foreigner("bob");
        Member carol = room.Native("carol");
        Everybody(learns: "first", alice, bob, carol);
        Everybody(learns: "second", alice, bob, carol);

        room.AddAnd(alice, [bob], new Change.Psk("first"), new Change.Psk("second"));
        room.AddAnd(bob, [carol], new Change.Psk("second"), new Change.Psk("first"));

        room.EverybodyTalks();
    }

    private static void Everybody(string learns, params Member[] members)
    {
        foreach (Member member in members)
            member.Learn(learns, s_key);
    }
}
