using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>One who follows a group without secrets refuses what members refuse, but for tags and path secrets.</summary>
public sealed class PublicGroupRuleTests : IDisposable
{
    private readonly Room _room = Room.Of("alice", "bob", "carol");
    private readonly PublicGroup _observer;

    public PublicGroupRuleTests()
    {
        Assert.Null(PublicGroup.Follow(_room.Suite, Alice.Group.CreateGroupInfo(), default, TrustEveryone.Instance, Time.Date, out PublicGroup? observer));
        _observer = observer!;
    }

    private Member Alice => _room[0];

    private Member Bob => _room[1];

    [Fact]
    public void AnObserverRefusesWhatIsNotForIt()
    {
        FramedContent framed = Forge.Framed(Bob, new RemoveProposal(Alice.Leaf));

        AssertRefused(Rules.MessageKind, Bob.Group.Protect("data"u8));
        AssertRefused(Rules.MessageKind, MlsMessage.Of(Bob.Group.CreateGroupInfo()));
        AssertRefused(Rules.GroupOther, Forge.Public(Bob, framed with { GroupId = ByteString.CopyOf("rook"u8) }));
        AssertRefused(Rules.EpochOther, Forge.Public(Bob, framed with { Epoch = framed.Epoch + 1 }));
        AssertRefused(Rules.EpochOther, Forge.Public(Bob, framed with { Epoch = framed.Epoch - 1 }));
        AssertRefused(Rules.ApplicationInPublic, Forge.Public(Bob, Forge.Framed(Bob, ByteString.CopyOf("data"u8))));
    }

    [Fact]
    public void AnObserverRefusesWhatItsSenderDidNotSign()
    {
        FramedContent framed = Forge.Framed(Bob, new RemoveProposal(Alice.Leaf));

        AssertRefused(Rules.MessageSignature, Forge.Public(Bob, framed, key: Alice.Client.SigningKey));
        AssertRefused(Rules.SenderUnknown, Forge.Public(Bob, framed with { Sender = new Sender(SenderType.Member, 3) }));
        AssertRefused(Rules.ContentSender, Forge.Public(Bob, framed with { Sender = new Sender(SenderType.NewMemberCommit, 0) }));
    }

    [Fact]
    public void AnObserverRefusesCommitsThatBreakARuleAndFollowsTheGenuineOne()
    {
        ByteString present = Bob.Group.MemberAt(Alice.Leaf)!.EncryptionKey;

        AssertRefused(Rules.PathMissing, Forge.Commit(Alice, _ => new Commit([], null)));
        AssertRefused(Rules.ProposalUnknown, Forge.CommitOf(Alice, ByteString.CopyOf(new byte[32])));
        AssertRefused(Rules.CommitterRemoved, Forge.CommitOf(Alice, new RemoveProposal(Alice.Leaf)));
        AssertRefused(Rules.PathShape, Forge.Commit(Alice, commit => commit with { Path = commit.Path! with { Nodes = [] } }));
        AssertRefused(Rules.EncryptionKeyTwice, Forge.CommitWithLeaf(Alice, leaf => leaf with { EncryptionKey = present }));
        AssertRefused(Rules.PublicKey, Forge.CommitWithKeys(Alice, keys => [ByteString.CopyOf([1]), .. keys.Skip(1)]));

        PendingCommit genuine = Room.Make(Alice, new CommitOptions());
        Assert.Null(_observer.Receive(genuine.Message, Time.Date, out Followed? followed));
        _room.Accept(Alice, genuine);
        Assert.Equal(Alice.Group.Context, Assert.IsType<FollowedCommit>(followed).Next.Context with { Extensions = Alice.Group.Context.Extensions });
    }

    public void Dispose() => _room.Dispose();

    private void AssertRefused(Refusal rule, MlsMessage message)
    {
        Assert.Same(rule, _observer.Receive(Room.Wire(message), Time.Date, out Followed? followed));
        Assert.Null(followed);
    }
}
