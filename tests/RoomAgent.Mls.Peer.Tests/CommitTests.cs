namespace RoomAgent.Mls.Peer.Tests;

/// <summary>What members do to a group from inside (RFC 9420 section 12.4).</summary>
public sealed class CommitTests(TsMls peer)
{
    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void EverybodyCommitsNewKeysInTurn(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member[] members = FiveMembers(room);

        foreach (Member member in members)
            room.Update(member);
        foreach (Member member in members.Reverse())
            room.Update(member);

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void EverybodysUpdateIsCommittedByTheNext(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member[] members = FiveMembers(room);

        // Leaf 0 among them, whose index some have taken for none.
        for (int i = 0; i < members.Length; i++)
        {
            room.ProposeUpdate(members[i]);
            room.Commit(members[(i + 1) % members.Length]);
        }

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void UpdatesOfSeveralAreCommittedTogether(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member[] members = FiveMembers(room);

        foreach (Member member in members[1..])
            room.ProposeUpdate(member);
        room.Commit(members[0]);
        room.Update(members[3]);

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void EachSidePutsTheOtherOut(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member[] members = FiveMembers(room);

        room.Remove(members[0], members[1]);
        room.Remove(members[3], members[2]);
        room.EverybodyTalks();

        // Their places are taken again, and then the right half of the tree falls away.
        Member frank = room.Foreigner("frank");
        room.Add(members[0], frank);
        room.Remove(frank, members[4]);
        room.Update(members[3]);

        room.EverybodyTalks();
    }

    [Theory, MemberData(nameof(Cases.Matrix), MemberType = typeof(Cases))]
    public void ACommitCoversTheProposalsOfOthers(int suite, Form form, Side founder)
    {
        using var room = new Conversation(peer, suite, form, founder);
        Member[] members = FiveMembers(room);
        Member frank = room.Native("frank");
        Member grace = room.Foreigner("grace");

        room.ProposeAdd(members[0], frank);
        room.ProposeRemove(members[1], members[4]);

        // ts-mls does not see that it is put out while somebody takes its place: PeerFaultTests.
        if (members[4].Side == Side.Theirs)
            room.HangUp(members[4]);
        room.CommitProposed(members[3], frank);
        room.ProposeAdd(members[3], grace);
        room.CommitProposed(frank, grace);

        room.EverybodyTalks();
    }

    // alice (leaf 0, the founder), bob, carol, dave and erin; bob and dave are foreigners.
    private static Member[] FiveMembers(Conversation room)
    {
        Member alice = room.Founder("alice");
        Member[] others = [room.Foreigner("bob"), room.Native("carol"), room.Foreigner("dave"), room.Native("erin")];
        room.Add(alice, others);
        return [alice, .. others];
    }
}
