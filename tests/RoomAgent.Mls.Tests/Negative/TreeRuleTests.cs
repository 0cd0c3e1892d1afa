using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>
/// Rules of a tree that a joiner is given (RFC 9420 sections 7.3, 7.9.2 and 12.4.3). The member that gives it changes it and names and signs the hash
/// of the changed tree.
/// </summary>
/// <remarks>
/// Seven members in a tree of eight leaves. Frank came into the place of Fred without a path, after a path of Erin, so that he is unmerged above;
/// the nodes 9 and 13 are blank:
/// <code>
///               7 [5]
///         3             11 [5]
///      1     5       -       -
///     0 2   4 6     8 10   12
///     a b   c d     e f    g
/// </code>
/// </remarks>
public sealed class TreeRuleTests : IDisposable
{
    private readonly Room _room = Room.Of("alice", "bob", "carol", "dave", "erin", "fred", "grace");
    private readonly List<IStructure?> _nodes;

    public TreeRuleTests()
    {
        _room.Commit(Alice, new CommitOptions { Proposals = [new RemoveProposal(_room[5].Leaf)] });
        _room.Commit(_room[4], new CommitOptions());
        using OwnKeyPackage keyPackage = Frank.CreateKeyPackage(Valid);
        PendingCommit pending = Room.Make(Alice, new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)] });
        _room.Accept(Alice, pending);
        _room.Join(Frank, keyPackage, pending.Welcome!);
        _nodes = Forge.Nodes(Alice);
    }

    private Member Alice => _room[0];

    private MlsClient Frank { get; } = Client(Suite(1), "frank");

    private ParentNode Root => (ParentNode)_nodes[7]!;

    [Fact]
    public void TheTreeIsAsItIsDrawnAndAccepted()
    {
        Assert.Equal([1, 3, 5, 7, 11], Enumerable.Range(0, _nodes.Count).Where(i => _nodes[i] is ParentNode));
        Assert.Equal([5u], Root.UnmergedLeaves);
        Assert.Equal([5u], ((ParentNode)_nodes[11]!).UnmergedLeaves);
        Assert.Null(Join(_nodes));
    }

    [Fact]
    public void ATreeIsAListOfNodesOfWhichTheLastIsNotBlank()
    {
        AssertRefused(Rules.TreeEncoding, [.. _nodes, null]);
        AssertRefused(Rules.TreeEncoding, [.. _nodes, null, null, null, null]);
        AssertRefused(Rules.TreeEncoding, []);
        AssertRefused(Rules.TreeEncoding, [null]);
        AssertRefused(Rules.TreeEncoding, With(2, Root));
        AssertRefused(Rules.TreeEncoding, With(13, _nodes[2]));

        byte[] good = Forge.Encode(_nodes).ToArray();
        Assert.Same(Rules.TreeEncoding, RatchetTree.Decode(_room.Suite, [.. good, 0], out _));
        Assert.Same(Rules.TreeEncoding, RatchetTree.Decode(_room.Suite, [], out _));
    }

    [Fact]
    public void AParentIsBoundToALeafByItsHash()
    {
        AssertRefused(Rules.TreeParentHash, With(7, new ParentNode(new NodeKey(Forge.NewPublicKey(_room.Suite)), Root.ParentHash, Root.UnmergedLeaves)));
        AssertRefused(Rules.TreeParentHash, With(7, new ParentNode(Root.EncryptionKey, ByteString.CopyOf([1]), Root.UnmergedLeaves)));

        // The parent hash of a node below, and a node whose chain is cut by a blank or by a leaf that is not of a commit.
        var low = (ParentNode)_nodes[3]!;
        AssertRefused(Rules.TreeParentHash, With(3, new ParentNode(low.EncryptionKey, ByteString.Empty, [])));
        AssertRefused(Rules.TreeParentHash, With(3, null));
        AssertRefused(Rules.TreeParentHash, With(0, Forge.Leaf(Alice.Client)));
    }

    [Fact]
    public void AParentWithoutMembersBelowIsBoundToNothing() =>
        AssertRefused(Rules.TreeParentHash, With(17, new ParentNode(new NodeKey(Forge.NewPublicKey(_room.Suite)), ByteString.Empty, [])));

    [Fact]
    public void AnotherTreeBesideBreaksTheHash()
    {
        // The root's hash covers the half beside the one that made it; there a leaf is put in the place of another.
        MlsClient mallory = Client(_room.Suite, "mallory");

        foreach (int leaf in (int[])[2, 4, 6, 8, 12])
            AssertRefused(Rules.TreeParentHash, With(leaf, Forge.Leaf(mallory)));
    }

    [Fact]
    public void UnmergedLeavesAreSortedMembersBelowAndUnmergedAtEachNodeBetween()
    {
        RefusedAtRoot([5, 5]);
        RefusedAtRoot([5, 4]);
        RefusedAtRoot([6]);
        RefusedAtRoot([7]);
        RefusedAtRoot([8]);
        RefusedAtRoot([uint.MaxValue]);
        RefusedAtRoot([4, 5]);
        AssertRefused(Rules.TreeUnmergedLeaves, Unmerged(3, [4]));
        AssertRefused(Rules.TreeUnmergedLeaves, Unmerged(11, []));

        void RefusedAtRoot(uint[] leaves) => AssertRefused(Rules.TreeUnmergedLeaves, Unmerged(7, leaves));
    }

    [Fact]
    public void AMemberThatIsNotUnmergedCannotBeMadeSo()
    {
        // All lists fit together, and the parent hash tells.
        List<IStructure?> nodes = Unmerged(7, [0, 5]);
        nodes[3] = Unmerged(3, [0])[3];
        nodes[1] = Unmerged(1, [0])[1];

        AssertRefused(Rules.TreeParentHash, nodes);
    }

    [Fact]
    public void NoKeyStandsTwiceInATree()
    {
        MlsClient withKeyOfAlice = Client(_room.Suite, "mallory") with { SigningKey = Alice.Client.SigningKey };
        ByteString keyOfAlice = ((LeafNode)_nodes[0]!).EncryptionKey;

        AssertRefused(Rules.EncryptionKeyTwice, With(10, _nodes[0]));
        AssertRefused(Rules.EncryptionKeyTwice, With(10, Forge.Leaf(Frank, leaf => leaf with { EncryptionKey = keyOfAlice })));
        AssertRefused(Rules.EncryptionKeyTwice, With(10, Forge.Leaf(Frank, leaf => leaf with { EncryptionKey = Root.EncryptionKey.Bytes })));
        AssertRefused(Rules.EncryptionKeyTwice, With(3, new ParentNode(Root.EncryptionKey, Root.ParentHash, [])));
        AssertRefused(Rules.SignatureKeyTwice, With(10, Forge.Leaf(withKeyOfAlice)));
    }

    [Fact]
    public void EachLeafOfATreeKeepsTheRulesOfLeaves()
    {
        RefusedAsFrank(Rules.LeafSignature, Forge.Leaf(Frank, key: Alice.Client.SigningKey));
        RefusedAsFrank(Rules.LeafSignature, Forge.Leaf(Frank, leaf => leaf with { Source = LeafNodeSource.Update }, place: new LeafPlace(Room.GroupId, new LeafIndex(4))));
        RefusedAsFrank(Rules.LeafExtensionNotSupported, Forge.Leaf(Frank, leaf => leaf with { Extensions = [new Extension((ExtensionType)0xf123, default)] }));
        RefusedAsFrank(Rules.LeafSuiteNotSupported, Forge.Leaf(Frank, leaf => leaf with { Capabilities = leaf.Capabilities with { CipherSuites = [] } }));
        RefusedAsFrank(Rules.PublicKey, Forge.Leaf(Frank, leaf => leaf with { EncryptionKey = ByteString.CopyOf([1]) }));
        RefusedAsFrank(Rules.IdentityTwice, Forge.Leaf(Client(_room.Suite, "alice", seed: 2)));
        RefusedAsFrank(Rules.CredentialNotSupportedByAll, Forge.Leaf(Frank, leaf => leaf with { Credential = Credential.X509([ByteString.CopyOf("f"u8)]), Capabilities = leaf.Capabilities with { Credentials = [2] } }));

        void RefusedAsFrank(Refusal rule, LeafNode leaf) => AssertRefused(rule, With(10, leaf));
    }

    public void Dispose() => _room.Dispose();

    private List<IStructure?> With(int index, IStructure? node)
    {
        List<IStructure?> nodes = [.. _nodes];
        while (nodes.Count <= index)
            nodes.Add(null);
        nodes[index] = node;
        return nodes;
    }

    private List<IStructure?> Unmerged(int index, uint[] leaves)
    {
        var parent = (ParentNode)_nodes[index]!;
        return With(index, new ParentNode(parent.EncryptionKey, parent.ParentHash, leaves));
    }

    private void AssertRefused(Refusal rule, List<IStructure?> nodes) => Assert.Same(rule, Join(nodes));

    private Refusal? Join(List<IStructure?> nodes)
    {
        GroupInfo info = Forge.GroupInfo(Alice, Forge.Encode(nodes));
        Refusal? refusal = Group.JoinExternally(Client(_room.Suite, "heidi"), info, default, null, new GroupSettings(), Time, null, default, out ExternalJoin? joined);
        Assert.Equal(refusal is null, joined is not null);
        joined?.Group.Dispose();
        return refusal;
    }
}
