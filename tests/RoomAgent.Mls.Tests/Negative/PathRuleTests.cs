using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>Rules of the update path of a commit and of what confirms it (RFC 9420 sections 7.4 to 7.6, 7.9 and 12.4.2).</summary>
public sealed class PathRuleTests : IDisposable
{
    // Five members in a tree of eight leaves: the path of the first has nodes 1, 3 and 7.
    private readonly Room _room = Room.Of("alice", "bob", "carol", "dave", "erin");

    private Member Alice => _room[0];

    [Fact]
    public void APathHasOneNodeForEachThatItReplaces()
    {
        AssertRefused(Rules.PathShape, path => path with { Nodes = [] });
        AssertRefused(Rules.PathShape, path => path with { Nodes = [.. path.Nodes.SkipLast(1)] });
        AssertRefused(Rules.PathShape, path => path with { Nodes = [.. path.Nodes, path.Nodes[^1]] });
    }

    [Fact]
    public void ANodeHasOneCiphertextForEachWhoReadsIt()
    {
        AssertRefused(Rules.PathShape, path => With(path, 0, node => node with { EncryptedPathSecret = [] }));
        AssertRefused(Rules.PathShape, path => With(path, 2, node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret, .. node.EncryptedPathSecret] }));
    }

    [Fact]
    public void ANewMemberIsNoReaderOfThePath()
    {
        // Its leaf is in the resolution, and it learns the secret from its Welcome.
        using OwnKeyPackage frank = Client(_room.Suite, "frank").CreateKeyPackage(Valid);
        var options = new CommitOptions { Proposals = [new AddProposal(frank.KeyPackage)], ForcePath = true };
        MlsMessage forged = Forge.Commit(Alice, commit => commit with { Path = With(commit.Path!, 2, node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret, node.EncryptedPathSecret[0]] }) }, options);

        _room.Refuses(Rules.PathShape, Alice, forged);
        _room.Commit(Alice, options);
    }

    [Fact]
    public void TheKeysOfAPathAreNew()
    {
        ByteString present = _room[4].Group.MemberAt(Alice.Leaf)!.EncryptionKey;
        AssertRefused(Rules.EncryptionKeyTwice, Forge.CommitWithLeaf(Alice, leaf => leaf with { EncryptionKey = present }));

        foreach (Member other in _room.Members.Skip(1))
            AssertRefused(Rules.EncryptionKeyTwice, path => With(path, 1, node => node with { EncryptionKey = _room[4].Group.MemberAt(other.Leaf)!.EncryptionKey }));
        AssertRefused(Rules.EncryptionKeyTwice, path => With(path, 0, node => node with { EncryptionKey = _room[4].Group.Secrets().State.Tree.Root.Parent!.EncryptionKey.Bytes }));
        AssertRefused(Rules.EncryptionKeyTwice, path => With(path, 0, node => node with { EncryptionKey = path.Nodes[2].EncryptionKey }));
        AssertRefused(Rules.EncryptionKeyTwice, path => With(path, 0, node => node with { EncryptionKey = path.LeafNode.EncryptionKey }));
    }

    [Fact]
    public void TheLeafIsBoundToItsPathByTheParentHash()
    {
        AssertRefused(Rules.PathParentHash, path => With(path, 0, node => node with { EncryptionKey = Forge.NewPublicKey(_room.Suite) }));
        AssertRefused(Rules.PathParentHash, path => With(path, 2, node => node with { EncryptionKey = Forge.NewPublicKey(_room.Suite) }));
        AssertRefused(Rules.PathParentHash, Forge.CommitWithLeaf(Alice, leaf => leaf with { ParentHash = ByteString.Empty }));
        AssertRefused(Rules.PathParentHash, Forge.CommitWithLeaf(Alice, leaf => leaf with { ParentHash = ByteString.CopyOf(leaf.ParentHash.Span[..^1]) }));
    }

    [Fact]
    public void TheKeysOfAPathAreKeysOfTheSuite()
    {
        // The first node is above Alice and Bob alone: nobody else can compare its key with one that is derived.
        MlsMessage forged = Forge.CommitWithKeys(Alice, keys => [ByteString.CopyOf(keys[0].Span[1..]), .. keys.Skip(1)]);

        AssertRefused(Rules.PublicKey, forged);
    }

    [Fact]
    public void APathSecretDecrypts()
    {
        AssertRefused(Rules.PathDecryption, path => path with { Nodes = [.. path.Nodes.Select(node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(Changed)] })] });
        AssertRefused(Rules.PathDecryption, path => path with { Nodes = [.. path.Nodes.Select(node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(c => c with { KemOutput = ByteString.Empty })] })] });
        AssertRefused(Rules.PathDecryption, path => path with { Nodes = [.. path.Nodes.Select(node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(c => c with { KemOutput = ByteString.CopyOf(new byte[32]) })] })] });
        AssertRefused(Rules.PathDecryption, path => path with { Nodes = [.. path.Nodes.Select(node => node with { EncryptedPathSecret = [.. node.EncryptedPathSecret.Select(c => c with { Ciphertext = ByteString.Empty })] })] });
    }

    [Fact]
    public void ThePathSecretGivesTheKeysOfThePath()
    {
        ByteString other = Forge.NewPublicKey(_room.Suite);

        // Everyone is below the root; only Bob is below the first node.
        AssertRefused(Rules.PathPublicKey, Forge.CommitWithKeys(Alice, keys => [.. keys.SkipLast(1), other]));
        Room.Refuses(Rules.PathPublicKey, Forge.CommitWithKeys(Alice, keys => [other, .. keys.Skip(1)]), _room[1]);
        Room.Refuses(Rules.ConfirmationTag, Forge.CommitWithKeys(Alice, keys => keys), _room[1]);
    }

    [Fact]
    public void AConfirmationTagFitsAtItsWholeLength()
    {
        PendingCommit pending = Room.Make(Alice, new CommitOptions { ForcePath = true });
        AuthenticatedContent genuine = pending.Message.PublicMessage!.Content;
        byte[] tag = genuine.ConfirmationTag.ToArray();

        byte[] flipped = [.. tag];
        flipped[0] ^= 0x80;
        foreach (byte[] wrong in (byte[][])[[], tag[..16], tag[..^1], [.. tag, 0], flipped])
            _room.Refuses(Rules.ConfirmationTag, Alice, MlsMessage.Of(Forge.Tag(Alice, genuine with { ConfirmationTag = ByteString.CopyOf(wrong) })));

        _room.Accept(Alice, pending);
    }

    [Fact]
    public void ASecretThatEveryoneKnowsIsNoInitSecret()
    {
        // An all-zero X25519 key gives the same result with each private key.
        MlsClient frank = Client(_room.Suite, "frank");
        MlsMessage forged = Forge.ExternalCommit(frank, Alice, commit => commit with { Proposals = [new ProposalOrRef(new ExternalInitProposal(ByteString.CopyOf(new byte[32])), default)] });

        foreach (Member member in _room.Members)
            Room.Refuses(Rules.NothingRandom, forged, member);
    }

    [Fact]
    public void ATreeHasNoMoreLeavesThanAreSupported()
    {
        RatchetTree tree = Alice.Group.Secrets().State.Tree;
        LeafNode leaf = tree[Alice.Leaf]!;
        while (tree.Members < TreeMath.MaxLeaves)
            tree = tree.WithAdded(leaf).Tree;
        GroupState full = Alice.Group.Secrets().State with { Tree = tree };
        QueuedProposal[] add = [new QueuedProposal(new AddProposal(Forge.KeyPackage(Client(_room.Suite, "frank"))), Sender.Member(Alice.Leaf), default)];

        Assert.Same(Rules.TreeSize, ProposalList.Apply(full, add, Sender.Member(Alice.Leaf), false, TrustEveryone.Instance, Time.Date, out AppliedProposals? applied));
        Assert.Null(applied);
        AuthenticatedContent join = Forge.ExternalCommit(Client(_room.Suite, "frank"), Alice, commit => commit).PublicMessage!.Content;
        Assert.Same(Rules.TreeSize, PublicCommit.Evaluate(full, join, new Dictionary<ByteString, QueuedProposal>(), false, TrustEveryone.Instance, Time.Date, out _));
        Assert.Same(Rules.TreeSize, RatchetTree.Decode(_room.Suite, Forge.Encode([.. new LeafNode?[2 * TreeMath.MaxLeaves], leaf]), out RatchetTree? decoded));
        Assert.Null(decoded);
    }

    public void Dispose() => _room.Dispose();

    private static HpkeCiphertext Changed(HpkeCiphertext ciphertext)
    {
        byte[] changed = ciphertext.Ciphertext.ToArray();
        changed[0] ^= 1;
        return ciphertext with { Ciphertext = ByteString.Owning(changed) };
    }

    private static UpdatePath With(UpdatePath path, int at, Func<UpdatePathNode, UpdatePathNode> change) =>
        path with { Nodes = [.. path.Nodes.Select((node, i) => i == at ? change(node) : node)] };

    private void AssertRefused(Refusal rule, Func<UpdatePath, UpdatePath> change) =>
        AssertRefused(rule, Forge.Commit(Alice, commit => commit with { Path = change(commit.Path!) }));

    private void AssertRefused(Refusal rule, MlsMessage commit)
    {
        _room.Refuses(rule, Alice, commit);
        _room.Commit(Alice, new CommitOptions { ForcePath = true });
    }
}
