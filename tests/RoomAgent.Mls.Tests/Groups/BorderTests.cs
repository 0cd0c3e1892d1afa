using RoomAgent.Crypto;
using RoomAgent.Mls.Tests.Negative;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests.Groups;

/// <summary>What must hold across groups, queues and the borders of numbers.</summary>
public sealed class BorderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ALastResortKeyPackageBringsItsOwnerIntoTwoGroupsThatDoNotTouchEachOther(bool closeFirst)
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
    public void AWelcomeWithSecretsOfAnotherLengthIsRefused(int length)
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
    public void ATreeThatEndsInAParentIsAsWideAsThatParent()
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
    public void TheEncryptionSecretIsGoneOnceTheSecretTreeHasIt()
    {
        using Room room = Room.Of("alice", "bob");
        Assert.Throws<ObjectDisposedException>(() => { _ = room[0].Group.Secrets().Secrets.EncryptionSecret.Bytes.Length; });
    }

    [Fact]
    public void OutsidersCannotFillTheQueue()
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

    [Fact]
    public void TheLastEpochHasNoSuccessor()
    {
        using Room room = Room.Of("alice", "bob");
        GroupInfo info = Forge.GroupInfo(room[0], i => i with { GroupContext = i.GroupContext with { Epoch = ulong.MaxValue } });
        MlsClient carol = TestClients.Client(room.Suite, "carol");

        Refusal? refusal = Group.JoinExternally(carol, info, default, null, new GroupSettings(), TestClients.Time, null, default, out _);

        Assert.Same(Rules.LastEpoch, refusal);
    }

    [Fact]
    public void NoMorePreSharedKeysAreUsedThan16BitsCount()
    {
        using Room room = Room.Of("alice", "bob");
        Proposal[] keys = [.. Enumerable.Range(0, ushort.MaxValue + 1).Select(i => new PreSharedKeyProposal(room[0].Group.NewPskId(ByteString.CopyOf(BitConverter.GetBytes(i)))))];

        Assert.Same(Rules.TooManyPsks, room[0].Group.Commit(new CommitOptions { Proposals = keys }, TestClients.Time, out _));
    }

    [Fact]
    public void InASilentGroupPastEpochsAreForgottenWhenTheTimeIsTold()
    {
        using Room room = Room.Of("alice", "bob");
        MlsMessage late = room[0].Group.Protect("late"u8);
        room.Commit(room[0], new CommitOptions());

        room[1].Group.ExpirePastEpochs(TestClients.Time.Now + new GroupSettings().PastEpochLifetime);

        Assert.Same(Rules.EpochOther, room[1].Group.Receive(Room.Wire(late), TestClients.Time, out _));
    }
}
