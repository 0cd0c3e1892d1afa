using RoomAgent.Mls.Tests.Negative;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Bounds;

/// <summary>
/// What 64 KiB from a stranger can cost at the most, counted and not timed. The bounds are those that <see cref="MlsMessage.Decode"/>,
/// <see cref="Group.Receive"/> and <see cref="Group.Join"/> state, for the smallest keys; each input is the worst of its kind.
/// </summary>
public sealed class BoundTests : IDisposable
{
    private const int Size = 64 * 1024;

    // Decoding: objects of what the bytes describe. Receiving and joining: what they mean, too.
    private const long DecodedBytes = (40 * Size) + (64 * 1024);
    private const long ReceivedBytes = (64 * Size) + (256 * 1024);

    private readonly CountingCrypto _crypto = new();
    private readonly CipherSuite _suite;
    private readonly Room _room;

    public BoundTests()
    {
        _suite = CipherSuite.Find(_crypto, CipherSuiteId.X25519Aes128GcmSha256Ed25519)!;
        _room = Room.Of(_suite, ["alice", "bob", "carol", "dave"]);
    }

    private Member Alice => _room[0];

    private Member Bob => _room[1];

    /// <summary>Messages of which each is as many small things as fit.</summary>
    public static TheoryData<string> Crowds => ["proposals", "references", "path nodes", "ciphertexts", "welcome entries", "group info extensions", "leaf extensions", "capabilities", "certificates"];

    [Theory]
    [MemberData(nameof(Crowds))]
    public void ACrowdedMessageIsDecodedWithinItsBound(string kind)
    {
        byte[] message = Crowd(kind);
        Assert.InRange(message.Length, Size / 2, Size);

        _crypto.Reset();
        long allocated = Allocated(() => Assert.NotNull(MlsMessage.Decode(message)));

        Assert.InRange(allocated, 0, DecodedBytes);
        Assert.Equal(0, _crypto.Verifications + _crypto.Imports + _crypto.Multiplications);
    }

    [Theory]
    [MemberData(nameof(Crowds))]
    public void ACrowdedMessageIsReceivedWithinItsBound(string kind)
    {
        MlsMessage message = MlsMessage.Decode(Crowd(kind))!;

        AssertReceived(message, verifications: 4, imports: 8, multiplications: 2);
    }

    [Fact]
    public void ACommitOfManyAddsIsReceivedWithTwoVerificationsAndThreeImportsForEach()
    {
        // Of the same signer, as nothing forbids before the keys are compared: many are checked, the last is refused.
        int count = 1 + ((Size - 2_000) / SmallKeyPackage(0).Encoded.Length);
        AddProposal[] adds = [.. Enumerable.Range(0, count - 1).Select(i => new AddProposal(SmallKeyPackage(i)))];

        AssertReceived(MlsMessage.Decode(Forge.CommitOf(Alice, adds).Encode())!, verifications: (2 * count) + 2, imports: (3 * count) + 4, multiplications: 0);
    }

    [Fact]
    public void ACommitThatAddsManyIsReceivedWithinItsBound()
    {
        MlsClient[] clients = [.. Enumerable.Range(0, 150).Select(i => Client(_suite, $"m{i}"))];
        PendingCommit pending = Room.Make(Alice, new CommitOptions { Proposals = [.. clients.Select(c => new AddProposal(Forge.KeyPackage(c)))], ForcePath = true });

        MlsMessage message = MlsMessage.Decode(pending.Message.Encode())!;
        Assert.InRange(pending.Message.Encode().Length, Size / 2, Size);
        AssertReceived(message, verifications: (2 * clients.Length) + 2, imports: (3 * clients.Length) + 12, multiplications: 12, accepted: true);
    }

    [Fact]
    public void ACommitOfManyPreSharedKeysIsReceivedWithinItsBound()
    {
        PreSharedKeyProposal[] psks = [.. Enumerable.Range(0, 1_500).Select(i => new PreSharedKeyProposal(PreSharedKeyId.External(ByteString.CopyOf([(byte)(i >> 8), (byte)i]), ByteString.CopyOf(new byte[32]))))];

        AssertReceived(MlsMessage.Decode(Forge.CommitOf(Alice, psks).Encode())!, verifications: 2, imports: 8, multiplications: 12);
    }

    [Fact]
    public void AMessageFarAheadCostsThreeDerivationsForEachStep()
    {
        PrivateMessage ahead = Forge.Private(Alice, Alice.Leaf, RatchetWindow.Default.Ahead, ContentType.Application, new byte[Size - 200]);

        AssertReceived(MlsMessage.Of(ahead), verifications: 1, imports: 0, multiplications: 0);
        Assert.InRange(_crypto.Hmacs, 1_000, (3 * 1_001) + 50);
    }

    [Fact]
    public void ATreeOfManyMembersCostsOneVerificationAndTwoImportsForEach()
    {
        // The founder makes a group of as many as fit, by hand: leaves of key packages, and no parents.
        int count = (Size - 1_000) / (SmallLeaf(0).Encoded.Length + 4);
        List<IStructure?> nodes = [];
        for (int i = 0; i < count; i++)
            nodes.AddRange([SmallLeaf(i), null]);
        nodes.RemoveAt(nodes.Count - 1);

        // The worst: all is right but for the last leaf.
        nodes[^1] = Forge.Leaf(Client(_suite, "last"), key: Alice.Client.SigningKey);
        AssertJoined(nodes, verifications: count + 1, imports: (2 * count) + 1, hashes: 4 * 512);
    }

    [Fact]
    public void ATreeOfManyUnmergedLeavesIsCheckedWithinItsBound()
    {
        // Alice, and one beside each node above her, so that none of those is blank; then a crowd that is unmerged at them all.
        Assert.Null(Group.Create(Alice.Client, Room.GroupId, [], new GroupSettings(), Time, null, out Group? group));
        Commit(Enumerable.Range(1, 128).Select(i => new AddProposal(SmallKeyPackage(i))));
        Commit(Enumerable.Range(1, 128).Where(i => !int.IsPow2(i)).Select(i => new RemoveProposal(new LeafIndex((uint)i))));
        Commit(Enumerable.Range(200, 230).Select(i => new AddProposal(SmallKeyPackage(i))));
        Assert.InRange(group!.EncodeTree().Length, Size / 2, Size);
        Assert.Null(RatchetTree.Decode(_suite, group.EncodeTree(), out RatchetTree? tree));
        RatchetTree decoded = tree!;
        Assert.Equal([230, 120, 57, 26, 11, 4, 1, 0], Enumerable.Range(1, 8).Reverse().Select(level => NodeAboveAlice(decoded, level).Parent?.UnmergedLeaves.Length ?? -1));
        group.Dispose();

        _crypto.Reset();
        long allocated = Allocated(() => Assert.Null(decoded.ValidateParents()));

        Assert.Equal(0, _crypto.Verifications + _crypto.Imports + _crypto.Multiplications);
        Assert.InRange(_crypto.Hashes, 1, 4 * 512);
        Assert.InRange(allocated, 0, ReceivedBytes);

        void Commit(IEnumerable<Proposal> proposals)
        {
            Assert.Null(group!.Commit(new CommitOptions { Proposals = [.. proposals] }, Time, out PendingCommit? pending));
            Assert.Null(group!.Merge(pending!.Staged, Time.Now));
        }

        static TreeNode NodeAboveAlice(RatchetTree tree, int level)
        {
            TreeNode node = tree.Root;
            while (node.Level > level)
                node = node.Left;
            return node;
        }
    }

    [Fact]
    public void ATreeOfBlanksIsHashedWithoutMakingThem()
    {
        List<IStructure?> nodes = [.. new IStructure?[Size - 600], SmallLeaf(0)];
        byte[] encoded = Forge.Encode(nodes).ToArray();

        _crypto.Reset();
        long allocated = Allocated(() =>
        {
            Assert.Null(RatchetTree.Decode(_suite, encoded, out RatchetTree? tree));
            Assert.Equal(32, tree!.Hash.Length);
            Assert.Null(tree.ValidateParents());
        });

        Assert.InRange(allocated, 0, DecodedBytes);
        Assert.InRange(_crypto.Hashes, 1, 2 * Size);
        Assert.Equal(0, _crypto.Verifications + _crypto.Imports + _crypto.Multiplications);
    }

    [Fact]
    public void AWelcomeOfManyEntriesIsOpenedOnce()
    {
        MlsClient erin = Client(_suite, "erin");
        using OwnKeyPackage keyPackage = erin.CreateKeyPackage(Valid);
        PendingCommit pending = Room.Make(Alice, new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], ForcePath = true });
        Welcome genuine = pending.Welcome!;

        // Its own entry many times, the first of them false.
        EncryptedGroupSecrets ours = genuine.Secrets[0];
        EncryptedGroupSecrets bad = ours with { Ciphertext = ours.Ciphertext with { Ciphertext = ByteString.CopyOf(ours.Ciphertext.Ciphertext.Span[..^1]) } };
        var crowded = new Welcome(genuine.CipherSuite, [.. Enumerable.Repeat(bad, (Size - 4_000) / bad.Encode().Length), ours], genuine.EncryptedGroupInfo);

        _crypto.Reset();
        long allocated = Allocated(() => Assert.Same(Rules.WelcomeDecryption, Group.Join(erin, crowded, keyPackage, default, new GroupSettings(), Time, null, out _)));
        Assert.Equal((1, 1), (_crypto.Imports, _crypto.Multiplications));
        Assert.InRange(allocated, 0, ReceivedBytes);
    }

    [Fact]
    public void AWelcomeWithManyPreSharedKeysIsReadWithinItsBound()
    {
        MlsClient erin = Client(_suite, "erin");
        using OwnKeyPackage keyPackage = erin.CreateKeyPackage(Valid);
        PendingCommit pending = Room.Make(Alice, new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], ForcePath = true });
        PreSharedKeyId[] psks = [.. Enumerable.Range(0, 1_500).Select(i => PreSharedKeyId.External(ByteString.CopyOf([(byte)(i >> 8), (byte)i]), ByteString.CopyOf(new byte[32])))];
        Welcome forged = Forge.Welcome(Alice, keyPackage, pending.Welcome!, secrets => new GroupSecrets(secrets.JoinerSecret, null, psks));

        _crypto.Reset();
        long allocated = Allocated(() => Assert.Same(Rules.PskUnknown, Group.Join(erin, forged, keyPackage, default, new GroupSettings(), Time, null, out _)));
        Assert.Equal((1, 1), (_crypto.Imports, _crypto.Multiplications));
        Assert.InRange(allocated, 0, ReceivedBytes);
    }

    [Fact]
    public void ProposalsThatCannotBeCoveredAreVerifiedOnce()
    {
        // Half of them cannot stand beside the others.
        AddProposal[] adds = [.. Enumerable.Range(0, 100).Select(i => new AddProposal(Forge.KeyPackage(Client(_suite, $"m{i / 2}", seed: i))))];
        foreach (AddProposal add in adds)
            Assert.Null(Alice.Group.Receive(Room.Wire(Bob.Group.Propose(add)), Time, out _));

        _crypto.Reset();
        Assert.Null(Alice.Group.Commit(new CommitOptions(), Time, out PendingCommit? pending));

        Assert.InRange(pending!.Staged.Added.Count, 40, 50);
        Assert.InRange(_crypto.Verifications, 0, (2 * adds.Length) + 4);
        pending.Dispose();
    }

    public void Dispose() => _room.Dispose();

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void AssertReceived(MlsMessage message, int verifications, int imports, int multiplications, bool accepted = false)
    {
        _crypto.Reset();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal? refusal = Bob.Group.Receive(message, Time, out Received? received);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(accepted, refusal is null);
        (received as CommitMessage)?.Staged.Dispose();
        Assert.InRange(_crypto.Verifications, 0, verifications);
        Assert.InRange(_crypto.Imports, 0, imports);
        Assert.InRange(_crypto.Multiplications, 0, multiplications);
        Assert.InRange(allocated, 0, ReceivedBytes);
    }

    private void AssertJoined(List<IStructure?> nodes, int verifications, int imports, int hashes)
    {
        GroupInfo info = Forge.GroupInfo(Alice, Forge.Encode(nodes));
        var signed = GroupInfo.Sign(_suite, info with { Signer = default }, Client(_suite, "s0").SigningKey);
        byte[] encoded = MlsMessage.Of(signed).Encode();
        Assert.InRange(encoded.Length, Size / 2, Size);
        signed = MlsMessage.Decode(encoded)!.GroupInfo!;

        _crypto.Reset();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Same(Rules.LeafSignature, Group.JoinExternally(Client(_suite, "zoe"), signed, default, null, new GroupSettings(), Time, null, default, out _));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(_crypto.Verifications, verifications - 1, verifications);
        Assert.InRange(_crypto.Imports, 1, imports + 4);
        Assert.InRange(_crypto.Hashes, 1, hashes);
        Assert.InRange(allocated, 0, ReceivedBytes);
    }

    // The least that a leaf can be.
    private LeafNode SmallLeaf(int number)
    {
        MlsClient client = Client(_suite, $"s{number}");
        return Forge.Leaf(client, leaf => leaf with { Capabilities = new Capabilities([1], [1], [], [], [1]) });
    }

    private KeyPackage SmallKeyPackage(int number) => Forge.KeyPackage(Client(_suite, $"s{number}"), SmallLeaf(number));

    private byte[] Crowd(string kind)
    {
        const int room = Size - 4_000;
        var empty = new HpkeCiphertext(default, default);
        MlsMessage leaf(Func<LeafNode.Content, LeafNode.Content> change) => MlsMessage.Of(Forge.KeyPackage(Client(_suite, "erin"), change));
        MlsMessage path(Func<UpdatePath, UpdatePath> change) => Forge.Commit(Alice, commit => commit with { Path = change(commit.Path!) });
        Extension[] extensions = [.. Enumerable.Range(0, room / 3).Select(i => new Extension((ExtensionType)(0x1000 + i), default))];
        MlsMessage message = kind switch
        {
            "proposals" => Forge.CommitOf(Alice, [.. Enumerable.Range(0, room / 7).Select(i => new RemoveProposal(new LeafIndex((uint)i)))]),
            "references" => Forge.CommitOf(Alice, [.. Enumerable.Repeat(ByteString.Empty, room / 2)]),
            "path nodes" => path(p => p with { Nodes = [.. Enumerable.Repeat(new UpdatePathNode(default, []), room / 2)] }),
            "ciphertexts" => path(p => p with { Nodes = [p.Nodes[0] with { EncryptedPathSecret = [.. Enumerable.Repeat(empty, room / 2)] }, .. p.Nodes.Skip(1)] }),
            "welcome entries" => MlsMessage.Of(new Welcome(_suite.Id, [.. Enumerable.Repeat(new EncryptedGroupSecrets(default, empty), room / 3)], default)),
            "group info extensions" => MlsMessage.Of(Forge.GroupInfo(Alice, info => info with { Extensions = extensions })),
            "leaf extensions" => Forge.CommitWithLeaf(Alice, content => content with { Extensions = [.. extensions.Take(room / 6)], Capabilities = content.Capabilities with { Extensions = [.. Enumerable.Range(0, room / 4).Select(i => (ushort)(0x1000 + i))] } }),
            "capabilities" => Forge.CommitWithLeaf(Alice, content => content with { Capabilities = content.Capabilities with { Extensions = [.. Enumerable.Range(0, room / 2).Select(i => (ushort)i)] } }),
            "certificates" => leaf(content => content with { Credential = Credential.X509([.. Enumerable.Repeat(ByteString.Empty, room)]) }),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return message.Encode();
    }
}
