using System.Text.Json;
using RoomAgent.Crypto;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.Vectors.VectorFile;

namespace RoomAgent.Mls.Tests.Vectors;

/// <summary>Vectors of the ratchet tree.</summary>
public sealed class TreeVectorTests
{
    private static readonly HashSet<LeafIndex> s_noNewLeaves = [];

    [Fact]
    public void TreeValidation() => ForEachCase(["tree", "tree_hashes", "resolutions"], vector =>
    {
        CipherSuite suite = vector.Suite();
        RatchetTree tree = Decode(suite, vector.Bytes("tree"));
        TreeNode[] nodes = [.. InOrder(tree.Root)];

        Assert.Equal(vector.GetProperty("tree_hashes").EnumerateArray().Select(h => h.GetString()), nodes.Select(node => node.Hash(suite).ToString()));
        Assert.Equal(
            vector.GetProperty("resolutions").EnumerateArray().Select(r => string.Join(",", r.EnumerateArray())),
            nodes.Select(Resolution));
        Assert.Null(tree.ValidateParents());
        Assert.All(tree.EnumerateMembers(), member => Assert.True(member.Leaf.VerifySignature(suite, new LeafPlace(vector.ByteString("group_id"), member.Index))));
        Assert.Equal(vector.Text("tree"), tree.Encode().ToString());
    });

    [Fact]
    public void TreeOperations() => ForEachCase(["tree_before", "tree_after", "proposal_sender"], vector =>
    {
        CipherSuite suite = vector.Suite();
        RatchetTree before = Decode(suite, vector.Bytes("tree_before"));
        Proposal proposal = Structure.Decode(vector.Bytes("proposal"), Proposal.Read)!;

        RatchetTree after = proposal switch
        {
            AddProposal add => before.WithAdded(add.KeyPackage.LeafNode).Tree,
            UpdateProposal update => before.WithUpdated(new LeafIndex(vector.GetProperty("proposal_sender").GetUInt32()), update.LeafNode),
            RemoveProposal remove => before.WithRemoved(remove.Removed),
            _ => throw new InvalidDataException($"No tree operation: {proposal.Type}"),
        };

        Assert.Equal(vector.Text("tree_hash_before"), before.Hash.ToString());
        Assert.Equal(vector.Text("tree_before"), before.Encode().ToString());
        Assert.Equal(vector.Text("tree_hash_after"), after.Hash.ToString());
        Assert.Equal(vector.Text("tree_after"), after.Encode().ToString());
    });

    [Fact]
    public void UpdatePaths() => ForEachCase(["leaves_private", "update_paths"], vector =>
    {
        CipherSuite suite = vector.Suite();
        RatchetTree tree = Decode(suite, vector.Bytes("ratchet_tree"));
        Dictionary<uint, (PrivateTree Keys, JsonElement Private)> members = vector.GetProperty("leaves_private").EnumerateArray()
            .ToDictionary(leaf => leaf.GetProperty("index").GetUInt32(), leaf => (PrivateTreeOf(tree, leaf), leaf));
        GroupContext Context(ByteString treeHash) =>
            new(suite.Id, vector.ByteString("group_id"), vector.GetProperty("epoch").GetUInt64(), treeHash, vector.ByteString("confirmed_transcript_hash"), []);

        foreach (JsonElement update in vector.GetProperty("update_paths").EnumerateArray())
        {
            var sender = new LeafIndex(update.GetProperty("sender").GetUInt32());
            UpdatePath path = Structure.Decode(update.Bytes("update_path"), UpdatePath.Read)!;

            Assert.Null(TreeKem.Apply(tree, sender, path, s_noNewLeaves, out RatchetTree applied));
            Assert.Equal(update.Text("tree_hash_after"), applied.Hash.ToString());
            Assert.Null(applied.ValidateParents());
            foreach ((uint index, (PrivateTree keys, _)) in members.Where(member => member.Key != sender.Value))
                AssertDecrypts(tree, keys, sender, path, Context(applied.Hash).Encode(), update.Text("commit_secret"));

            // Then a path of our own from the same sender, which everyone else decrypts.
            using SigningKey signing = members[sender.Value].Private.SigningKey(suite, "signature_priv");
            using TreeKem.NewPath made = TreeKem.Create(tree, sender, (key, hash) => SignLeaf(suite, tree[sender]!, key, hash, signing, vector.ByteString("group_id"), sender), new SeededRandom(1));
            ByteString context = Context(made.Tree.Hash).Encode();
            UpdatePath ours = Structure.Decode(made.Encrypt(context, s_noNewLeaves, new SeededRandom(2))!.Encode(), UpdatePath.Read)!;
            Assert.Null(TreeKem.Apply(tree, sender, ours, s_noNewLeaves, out applied));
            Assert.Equal(made.Tree.Hash, applied.Hash);
            Assert.Null(applied.ValidateParents());
            foreach ((_, (PrivateTree keys, _)) in members.Where(member => member.Key != sender.Value))
                AssertDecrypts(tree, keys, sender, ours, context, Hex(made.CommitSecret.Bytes));
        }
    });

    private static void AssertDecrypts(RatchetTree tree, PrivateTree keys, LeafIndex sender, UpdatePath path, ByteString context, string commitSecret)
    {
        Assert.Null(TreeKem.Decrypt(tree, keys, sender, path, s_noNewLeaves, context, out PrivateTree updated, out Secret? secret));
        Assert.Equal(commitSecret, Hex(secret!.Bytes));
        secret.Dispose();
        updated.DisposeExcept(keys.Contains);
    }

    private static LeafNode SignLeaf(CipherSuite suite, LeafNode before, ByteString encryptionKey, ByteString parentHash, SigningKey key, ByteString groupId, LeafIndex index) =>
        LeafNode.Sign(
            suite,
            new LeafNode.Content(encryptionKey, before.SignatureKey, before.Credential, before.Capabilities, LeafNodeSource.Commit, default, parentHash, before.Extensions),
            key,
            new LeafPlace(groupId, index));

    private static PrivateTree PrivateTreeOf(RatchetTree tree, JsonElement leaf)
    {
        CipherSuite suite = tree.Suite;
        var index = new LeafIndex(leaf.GetProperty("index").GetUInt32());
        var keys = PrivateTree.Of(index, leaf.KemKey(suite, "encryption_priv"));
        return keys.With(leaf.GetProperty("path_secrets").EnumerateArray().Select(secret =>
        {
            using Secret nodeSecret = suite.DeriveSecret(secret.Bytes("path_secret"), "node"u8);
            return KeyValuePair.Create(secret.GetProperty("node").GetUInt32(), suite.Hpke.DeriveKeyPair(nodeSecret.Bytes));
        }));
    }

    private static RatchetTree Decode(CipherSuite suite, byte[] bytes)
    {
        Assert.Null(RatchetTree.Decode(suite, bytes, out RatchetTree? tree));
        return tree!;
    }

    private static string Resolution(TreeNode node)
    {
        List<TreeNode> resolution = [];
        node.Resolve(resolution);
        return string.Join(",", resolution.Select(n => n.Index));
    }

    private static IEnumerable<TreeNode> InOrder(TreeNode node) => node.IsLeaf ? [node] : [.. InOrder(node.Left), node, .. InOrder(node.Right)];
}
