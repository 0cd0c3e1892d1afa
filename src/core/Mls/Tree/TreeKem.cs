using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Update paths: made by the committer, applied by everyone, decrypted by the members (RFC 9420 sections 7.4 to 7.6).</summary>
internal static class TreeKem
{
    private static ReadOnlySpan<byte> PathLabel => "UpdatePathNode"u8;

    /// <summary>A path that its maker has not sent yet. Disposing of it zeroes the path secrets; keys and commit secret have other owners.</summary>
    public sealed class NewPath(
        RatchetTree tree,
        LeafNode leaf,
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> filteredPath,
        IReadOnlyList<ByteString> publicKeys,
        IReadOnlyList<Secret> pathSecrets,
        IReadOnlyDictionary<uint, KemPrivateKey> privateKeys,
        Secret commitSecret) : IDisposable
    {
        /// <summary>The tree with the path.</summary>
        public RatchetTree Tree { get; } = tree;

        public IReadOnlyDictionary<uint, KemPrivateKey> PrivateKeys { get; } = privateKeys;

        public Secret CommitSecret { get; } = commitSecret;

        /// <summary>Encrypts each path secret to the members below the copath, new ones excepted.</summary>
        /// <returns><see langword="null"/> when a key of the tree is one with which no secret can be agreed.</returns>
        public UpdatePath? Encrypt(ByteString groupContext, IReadOnlySet<LeafIndex> newLeaves, IRandom random)
        {
            HpkeInfo context = Tree.Suite.EncryptContext(PathLabel, groupContext);
            var nodes = new UpdatePathNode[filteredPath.Count];
            for (int i = 0; i < nodes.Length; i++)
            {
                var ciphertexts = new List<HpkeCiphertext>();
                foreach (TreeNode recipient in Recipients(filteredPath[i].Copath, newLeaves))
                {
                    if (PublicKeyOf(Tree.Suite, recipient) is not { } key
                        || Tree.Suite.Encrypt(key, context, pathSecrets[i].Bytes, random) is not { } ciphertext)
                    {
                        return null;
                    }

                    ciphertexts.Add(ciphertext);
                }

                nodes[i] = new UpdatePathNode(publicKeys[i], ciphertexts);
            }

            return new UpdatePath(leaf, nodes);
        }

        /// <summary>The secret of the lowest node of the path above a joiner, which its Welcome carries.</summary>
        public Secret PathSecretFor(LeafIndex joiner)
        {
            for (int i = 0; i < filteredPath.Count; i++)
            {
                if (filteredPath[i].Node.Contains(joiner.Value))
                    return pathSecrets[i];
            }

            throw new ArgumentOutOfRangeException(nameof(joiner), "No node of the path is above that leaf.");
        }

        public void Dispose()
        {
            foreach (Secret secret in pathSecrets)
                secret.Dispose();
        }
    }

    /// <summary>Makes new keys for the leaf of <paramref name="sender"/> and the nodes above it.</summary>
    /// <param name="tree">The tree after the proposals, in which the sender has a leaf or, joining by external commit, a place.</param>
    /// <param name="sender">The committer.</param>
    /// <param name="signLeaf">Signs the new leaf with this encryption key and parent hash.</param>
    /// <param name="random">Where the path secret and the leaf's key come from.</param>
    public static NewPath Create(RatchetTree tree, LeafIndex sender, Func<ByteString, ByteString, LeafNode> signLeaf, IRandom random)
    {
        CipherSuite suite = tree.Suite;
        IReadOnlyList<(TreeNode, TreeNode)> filteredPath = tree.FilteredDirectPath(sender);
        KemPrivateKey leafKey = suite.Hpke.GenerateKeyPair(random);
        var privateKeys = new Dictionary<uint, KemPrivateKey> { [TreeMath.Node(sender)] = leafKey };
        var pathSecrets = new List<Secret>(filteredPath.Count);
        var publicKeys = new List<ByteString>(filteredPath.Count);

        Secret next = Secret.Generate(random, suite.HashSize);
        foreach ((TreeNode node, _) in filteredPath)
        {
            pathSecrets.Add(next);
            KemPrivateKey key = NodeKeyPair(suite, next);
            privateKeys.Add(node.Index, key);
            publicKeys.Add(ByteString.CopyOf(key.PublicKey));
            next = suite.DeriveSecret(next.Bytes, "path"u8);
        }

        (ByteString parentHash, var path) = tree.HashPath(filteredPath, publicKeys);
        LeafNode leaf = signLeaf(ByteString.CopyOf(leafKey.PublicKey), parentHash);
        return new NewPath(tree.WithPath(sender, leaf, path), leaf, filteredPath, publicKeys, pathSecrets, privateKeys, next);
    }

    /// <summary>Puts the public keys of a path that came into the tree, after checking its shape, its parent hash and that its keys are new.</summary>
    /// <remarks>This is all that one without private keys can do.</remarks>
    public static Refusal? Apply(RatchetTree tree, LeafIndex sender, UpdatePath path, IReadOnlySet<LeafIndex> newLeaves, out RatchetTree applied)
    {
        applied = tree;
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> filteredPath = tree.FilteredDirectPath(sender);
        if (path.Nodes.Count != filteredPath.Count)
            return Rules.PathShape;

        var seen = new HashSet<ByteString> { path.LeafNode.EncryptionKey };
        if (tree.FindEncryptionKey(path.LeafNode.EncryptionKey) is not null)
            return Rules.EncryptionKeyTwice;

        for (int i = 0; i < filteredPath.Count; i++)
        {
            UpdatePathNode node = path.Nodes[i];
            if (node.EncryptedPathSecret.Count != Recipients(filteredPath[i].Copath, newLeaves).Count)
                return Rules.PathShape;
            if (tree.FindEncryptionKey(node.EncryptionKey) is not null || !seen.Add(node.EncryptionKey))
                return Rules.EncryptionKeyTwice;
        }

        (ByteString parentHash, var values) = tree.HashPath(filteredPath, [.. path.Nodes.Select(node => node.EncryptionKey)]);
        if (path.LeafNode.ParentHash != parentHash)
            return Rules.PathParentHash;

        // Those below the common ancestor are derived by nobody but the members there. A bad one would stop every later commit from beside it.
        if (!values.All(entry => entry.Value.EncryptionKey.Import(tree.Suite) is not null))
            return Rules.PublicKey;

        applied = tree.WithPath(sender, path.LeafNode, values);
        return null;
    }

    /// <summary>Decrypts the path secret that is meant for us and derives what follows from it.</summary>
    /// <param name="before">The tree after the proposals and before the path.</param>
    /// <param name="own">Our private keys.</param>
    /// <param name="sender">The committer; not we.</param>
    /// <param name="path">A path that <see cref="Apply"/> accepted.</param>
    /// <param name="newLeaves">Leaves that the commit adds.</param>
    /// <param name="groupContext">The provisional group context: new epoch and tree hash, old confirmed transcript hash.</param>
    /// <param name="updated">Our private keys with those of the path.</param>
    /// <param name="commitSecret">What the path gives to the key schedule.</param>
    public static Refusal? Decrypt(
        RatchetTree before,
        PrivateTree own,
        LeafIndex sender,
        UpdatePath path,
        IReadOnlySet<LeafIndex> newLeaves,
        ByteString groupContext,
        out PrivateTree updated,
        out Secret? commitSecret)
    {
        updated = own;
        commitSecret = null;
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> filteredPath = before.FilteredDirectPath(sender);
        int common = filteredPath.ToList().FindIndex(entry => entry.Copath.Contains(own.Self.Value));
        if (common < 0)
            return Rules.PathDecryption;

        List<TreeNode> recipients = Recipients(filteredPath[common].Copath, newLeaves);
        for (int i = 0; i < recipients.Count; i++)
        {
            if (own[recipients[i].Index] is not { } key)
                continue;

            Secret? pathSecret = before.Suite.DecryptWithLabel(key, PathLabel, groupContext, path.Nodes[common].EncryptedPathSecret[i]);
            if (pathSecret is null)
                return Rules.PathDecryption;

            return Derive(before.Suite, own, pathSecret, [.. filteredPath.Skip(common).Select((entry, at) => (entry.Node.Index, path.Nodes[common + at].EncryptionKey))], out updated, out commitSecret);
        }

        return Rules.PathDecryption;
    }

    /// <summary>Derives the private keys of nodes from the path secret of the lowest of them, and compares each with the public key that the tree has.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="own">Our private keys.</param>
    /// <param name="pathSecret">The secret of the first node; consumed.</param>
    /// <param name="nodes">The nodes from the bottom with their public keys.</param>
    /// <param name="updated">Our private keys with theirs.</param>
    /// <param name="commitSecret">The secret after the last node.</param>
    public static Refusal? Derive(
        CipherSuite suite,
        PrivateTree own,
        Secret pathSecret,
        IReadOnlyList<(uint Index, ByteString PublicKey)> nodes,
        out PrivateTree updated,
        out Secret? commitSecret)
    {
        updated = own;
        commitSecret = null;
        var keys = new Dictionary<uint, KemPrivateKey>();
        Secret next = pathSecret;
        foreach ((uint index, ByteString publicKey) in nodes)
        {
            KemPrivateKey key = NodeKeyPair(suite, next);
            keys.Add(index, key);
            Secret after = suite.DeriveSecret(next.Bytes, "path"u8);
            next.Dispose();
            next = after;

            if (!key.PublicKey.SequenceEqual(publicKey))
            {
                next.Dispose();
                foreach (KemPrivateKey derived in keys.Values)
                    derived.Dispose();
                return Rules.PathPublicKey;
            }
        }

        updated = own.With(keys);
        commitSecret = next;
        return null;
    }

    private static KemPrivateKey NodeKeyPair(CipherSuite suite, Secret pathSecret)
    {
        using Secret nodeSecret = suite.DeriveSecret(pathSecret.Bytes, "node"u8);
        return suite.Hpke.DeriveKeyPair(nodeSecret.Bytes);
    }

    // The resolution of the copath node without the leaves that the same commit adds: those learn the secret from their Welcome.
    private static List<TreeNode> Recipients(TreeNode copath, IReadOnlySet<LeafIndex> newLeaves)
    {
        List<TreeNode> resolution = [];
        copath.Resolve(resolution);
        if (newLeaves.Count > 0)
            resolution.RemoveAll(node => node.IsLeaf && newLeaves.Contains(new LeafIndex(node.FirstLeaf)));
        return resolution;
    }

    private static KemPublicKey? PublicKeyOf(CipherSuite suite, TreeNode node) =>
        node.Parent is not null ? node.Parent.EncryptionKey.Import(suite) : node.Leaf!.ImportEncryptionKey(suite);
}
