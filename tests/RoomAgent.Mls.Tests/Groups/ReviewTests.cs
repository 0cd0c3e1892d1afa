using RoomAgent.Crypto;
using RoomAgent.Mls.Tests.Negative;

namespace RoomAgent.Mls.Tests.Groups;

public sealed class ReviewTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_last_resort_key_package_brings_its_owner_into_two_groups_that_do_not_touch_each_other(bool closeFirst)
    {
        using Room first = Room.Of("alice");
        using Room second = Room.Of("carol");
        MlsClient bob = TestClients.Client(first.Suite, "bob");
        using OwnKeyPackage package = bob.CreateKeyPackage(TestClients.Valid, isLastResort: true);
        var add = new CommitOptions { Proposals = [new AddProposal(package.KeyPackage)] };

        Member[] bobs = new Member[2];
        foreach ((int i, Room room) in new[] { (0, first), (1, second) })
        {
            PendingCommit pending = Room.Make(room[0], add);
            room.Accept(room[0], pending);
            bobs[i] = room.Join(bob, package, pending.Welcome!);
        }

        if (closeFirst)
            bobs[0].Group.Dispose();
        else
            first.Commit(bobs[0], new CommitOptions { ForcePath = true });

        second.Commit(second[0], new CommitOptions { ForcePath = true });
        second.AssertAgreement();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void A_Welcome_with_secrets_of_another_length_is_refused(int length)
    {
        using Room room = Room.Of("alice", "bob");
        MlsClient carol = TestClients.Client(room.Suite, "carol");
        using OwnKeyPackage package = carol.CreateKeyPackage(TestClients.Valid);
        PendingCommit pending = Room.Make(room[0], new CommitOptions { Proposals = [new AddProposal(package.KeyPackage)], ForcePath = true });
        Welcome forged = Forge.Welcome(room[0], package, pending.Welcome!, s => new GroupSecrets(s.JoinerSecret, new Secret(length), s.Psks));
        Assert.NotNull(Group.Join(carol, forged, package, default, new GroupSettings(), TestClients.Time, null, out _));
        forged = Forge.Welcome(room[0], package, pending.Welcome!, s => new GroupSecrets(new Secret(length), s.PathSecret, s.Psks));
        Assert.NotNull(Group.Join(carol, forged, package, default, new GroupSettings(), TestClients.Time, null, out _));
    }

    [Fact]
    public void A_tree_that_ends_in_a_parent_is_as_wide_as_that_parent()
    {
        using Room room = Room.Of("alice");
        List<IStructure?> nodes = Forge.Nodes(room[0]);
        nodes.Add(new ParentNode(new NodeKey(Forge.NewPublicKey(room.Suite)), default, []));
        Refusal? refusal = RatchetTree.Decode(room.Suite, Forge.Encode(nodes), out RatchetTree? tree);
        Assert.Null(refusal);
        Assert.Equal(2u, tree!.Leaves);
        Assert.NotNull(tree.Root.Parent);
    }

    [Fact]
    public void The_encryption_secret_is_gone_once_the_secret_tree_has_it()
    {
        using Room room = Room.Of("alice", "bob");
        Assert.Throws<ObjectDisposedException>(() => { _ = room[0].Group.Secrets().Secrets.EncryptionSecret.Bytes.Length; });
    }

    [Fact]
    public void Outsiders_cannot_fill_the_queue()
    {
        using Room room = Room.Of(TestClients.Suite(1), ["alice", "bob"], settings: new GroupSettings { MaxProposals = 8 });
        for (int i = 0; i < 8; i++)
        {
            MlsClient guest = TestClients.Client(room.Suite, "guest" + i);
            MlsMessage ask = ExternalProposal.AskToJoin(guest, room[0].Group.GroupId, room[0].Group.Epoch, guest.CreateKeyPackage(TestClients.Valid));
            room[0].Group.Receive(Room.Wire(ask), TestClients.Time, out _);
            room[1].Group.Receive(Room.Wire(ask), TestClients.Time, out _);
        }

        MlsMessage update = room[1].Group.ProposeUpdate();
        Assert.Null(room[0].Group.Receive(Room.Wire(update), TestClients.Time, out _));
    }
}
