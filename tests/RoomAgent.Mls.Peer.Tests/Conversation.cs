using System.Text;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>
/// A group that both implementations take part in, and the service between them: every handshake goes to everybody, and after every epoch
/// everybody must see the same.
/// </summary>
internal sealed class Conversation(TsMls peer, int suite, Form form, Side founder) : IDisposable
{
    private static int s_conversations;

    private readonly byte[] _groupId = Encoding.UTF8.GetBytes($"room {Interlocked.Increment(ref s_conversations)}");
    private readonly List<Member> _everybody = [];
    private readonly List<Member> _inside = [];

    /// <summary>One of the founder's implementation.</summary>
    public Member Native(string name, Credential? credential = null) => Make(founder, name, credential);

    /// <summary>One of the other implementation.</summary>
    public Member Foreigner(string name, Credential? credential = null) => Make(founder == Side.Ours ? Side.Theirs : Side.Ours, name, credential);

    /// <summary>A native that founds the group.</summary>
    public Member Founder(string name, Credential? credential = null)
    {
        Member member = Native(name, credential);
        member.Found(_groupId);
        _inside.Add(member);
        return member;
    }

    /// <summary>Adds all of them by one commit.</summary>
    public void Add(Member by, params IReadOnlyList<Member> joiners) => Commit(by, treeInWelcome: true, joiners, [.. joiners.Select(Package)]);

    /// <summary>Adds somebody to whom the tree is sent beside the Welcome.</summary>
    public void AddWithTreeApart(Member by, Member joiner) => Commit(by, treeInWelcome: false, [joiner], [Package(joiner)]);

    /// <summary>Commits new keys.</summary>
    public void Update(Member by) => Commit(by, treeInWelcome: true, [], []);

    /// <summary>Commits changes by which nobody comes in, and what was proposed before.</summary>
    public void Commit(Member by, params IReadOnlyList<Change> changes) => Commit(by, treeInWelcome: true, [], changes);

    /// <summary>Commits that somebody leaves, who gets to see that too.</summary>
    public void Remove(Member by, Member leaver)
    {
        Commit(by, new Change.Remove(leaver.Look().Leaf));
        Assert.DoesNotContain(leaver, _inside);
    }

    /// <summary>Somebody's line is cut: it hears nothing any more, and does not get to see that it is put out.</summary>
    public void HangUp(Member member) => _inside.Remove(member);

    /// <summary>Adds them by one commit that has other changes too.</summary>
    public void AddAnd(Member by, IReadOnlyList<Member> joiners, params IReadOnlyList<Change> changes) =>
        Commit(by, treeInWelcome: true, joiners, [.. joiners.Select(Package), .. changes]);

    /// <summary>Commits what was proposed before, by which somebody comes in.</summary>
    public void CommitProposed(Member by, params IReadOnlyList<Member> joiners) => Commit(by, treeInWelcome: true, joiners, []);

    /// <summary>Proposes a change, which everybody gets to know.</summary>
    public void Propose(Member by, Change change) => Deliver(by, by.Propose(change));

    public void ProposeAdd(Member by, Member joiner) => Propose(by, Package(joiner));

    public void ProposeRemove(Member by, Member leaver) => Propose(by, new Change.Remove(leaver.Look().Leaf));

    public void ProposeUpdate(Member by) => Deliver(by, by.ProposeUpdate());

    /// <summary>Somebody joins by a commit of its own, on a GroupInfo of <paramref name="host"/>.</summary>
    public void JoinByCommit(Member joiner, Member host, bool treeInGroupInfo = true)
    {
        byte[] commit = joiner.JoinByCommit(host.Present(treeInGroupInfo), treeInGroupInfo ? null : host.Tree());
        Deliver(joiner, commit);
        _inside.Add(joiner);
        AllAgree();
    }

    /// <summary>A member that lost its way comes back in the place of its former leaf.</summary>
    public void Resync(Member lost, Member host)
    {
        Deliver(lost, lost.Resync(host.Present(withTree: true), tree: null));
        AllAgree();
    }

    /// <summary>Lets everybody say something that everybody else must hear.</summary>
    public void EverybodyTalks()
    {
        foreach (Member speaker in _inside)
        {
            string text = $"{speaker.Name} says hello";
            byte[] message = speaker.Say(text);
            foreach (Member listener in Others(speaker))
                Assert.Equal(text, listener.Hear(message));
        }
    }

    /// <summary>Everybody is in the same epoch with the same secrets, at a leaf of its own.</summary>
    public void AllAgree()
    {
        View expected = _inside[0].Look();
        foreach (Member member in _inside)
        {
            View view = member.Look();
            Assert.Equal((member, expected with { Leaf = view.Leaf }), (member, view));
        }

        Assert.Distinct(_inside.Select(member => member.Look().Leaf));
    }

    public void Dispose()
    {
        foreach (OurMember member in _everybody.OfType<OurMember>())
            member.Dispose();
        peer.Ask(new() { ["do"] = "forget" });
    }

    private void Commit(Member by, bool treeInWelcome, IReadOnlyList<Member> joiners, IReadOnlyList<Change> changes)
    {
        Commitment commitment = by.Commit(treeInWelcome, changes);
        Deliver(by, commitment.Message);
        foreach (Member joiner in joiners)
        {
            joiner.Join(commitment.Welcome!, treeInWelcome ? null : by.Tree());
            _inside.Add(joiner);
        }

        // Who was put out has seen so in the commit.
        _inside.RemoveAll(member => !member.IsMember);
        AllAgree();
    }

    private void Deliver(Member sender, byte[] handshake)
    {
        foreach (Member receiver in Others(sender))
            receiver.Receive(handshake);
    }

    private static Change Package(Member joiner) => new Change.Add(joiner.NewKeyPackage());

    private IEnumerable<Member> Others(Member sender) => _inside.Where(member => member != sender);

    private Member Make(Side side, string name, Credential? credential)
    {
        credential ??= Credential.Basic(Encoding.UTF8.GetBytes(name));
        Member member = side == Side.Ours ? new OurMember(name, suite, form, credential) : new TheirMember(peer, name, suite, form, credential);
        _everybody.Add(member);
        return member;
    }
}
