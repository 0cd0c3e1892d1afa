using System.Collections.Immutable;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>The ratchet tree's public half (RFC 9420 section 7). A value: each change gives another tree and leaves this one as it is.</summary>
internal sealed class RatchetTree
{
    private readonly TreeNode _root;

    // Where each encryption key and each signature key stands, so that nobody has to look at every node.
    private readonly ImmutableDictionary<ByteString, uint> _encryptionKeys;
    private readonly ImmutableDictionary<ByteString, uint> _signatureKeys;

    private RatchetTree(CipherSuite suite, TreeNode root, ImmutableDictionary<ByteString, uint> encryptionKeys, ImmutableDictionary<ByteString, uint> signatureKeys)
    {
        Suite = suite;
        _root = root;
        _encryptionKeys = encryptionKeys;
        _signatureKeys = signatureKeys;
    }

    public CipherSuite Suite { get; }

    /// <summary>Leaves, blank ones included: a power of two.</summary>
    public uint Leaves => _root.Width;

    /// <summary>Leaves that are not blank.</summary>
    public uint Members => _root.Members;

    public TreeNode Root => _root;

    public ByteString Hash => _root.Hash(Suite);

    /// <summary>The leaf at <paramref name="index"/>: <see langword="null"/> when it is blank or outside the tree.</summary>
    public LeafNode? this[LeafIndex index] => index.Value < Leaves ? _root.Find(index.Value).Leaf : null;

    /// <summary>A tree of one leaf.</summary>
    public static RatchetTree Of(CipherSuite suite, LeafNode leaf) => new(
        suite,
        new TreeNode(0, leaf),
        ImmutableDictionary<ByteString, uint>.Empty.Add(leaf.EncryptionKey, 0),
        ImmutableDictionary<ByteString, uint>.Empty.Add(leaf.SignatureKey, 0));

    /// <summary>The members, from the left.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> EnumerateMembers()
    {
        var open = new Stack<TreeNode>([_root]);
        while (open.TryPop(out TreeNode? node))
        {
            if (node.Members == 0)
                continue;

            if (node.Leaf is { } leaf)
            {
                yield return (new LeafIndex(node.FirstLeaf), leaf);
                continue;
            }

            open.Push(node.Right);
            open.Push(node.Left);
        }
    }

    public LeafIndex? FindSignatureKey(ByteString key) => _signatureKeys.TryGetValue(key, out uint leaf) ? new LeafIndex(leaf) : null;

    /// <summary>The node with an encryption key, by the index of the node.</summary>
    public uint? FindEncryptionKey(ByteString key) => _encryptionKeys.TryGetValue(key, out uint node) ? node : null;

    /// <summary>The nodes above <paramref name="leaf"/> whose other child has members, from the bottom, each with that other child (section 4.1.2).</summary>
    public IReadOnlyList<(TreeNode Node, TreeNode Copath)> FilteredDirectPath(LeafIndex leaf)
    {
        List<(TreeNode, TreeNode)> path = [];
        for (TreeNode node = _root; !node.IsLeaf;)
        {
            (TreeNode towards, TreeNode away) = node.ChildrenFor(leaf.Value);
            if (away.Members > 0)
                path.Add((node, away));
            node = towards;
        }

        path.Reverse();
        return path;
    }

    /// <summary>Finds the leftmost blank leaf, and doubles the tree's width when there is none (section 7.7).</summary>
    public (RatchetTree Tree, LeafIndex Place) WithPlace()
    {
        TreeNode root = _root;
        if (root.Members == root.Width)
            root = new TreeNode(null, root, TreeNode.Blank(root.Level, root.Width));

        TreeNode place = root;
        while (!place.IsLeaf)
            place = place.Left.Members < place.Left.Width ? place.Left : place.Right;

        return (new RatchetTree(Suite, root, _encryptionKeys, _signatureKeys), new LeafIndex(place.FirstLeaf));
    }

    /// <summary>Adds a leaf at the leftmost blank place (section 7.7).</summary>
    public (RatchetTree Tree, LeafIndex Index) WithAdded(LeafNode leaf)
    {
        (RatchetTree wide, LeafIndex place) = WithPlace();
        TreeNode root = wide._root.With(place.Value, leaf, node => node.Parent?.WithUnmerged(place));
        var tree = new RatchetTree(
            Suite,
            root,
            _encryptionKeys.SetItem(leaf.EncryptionKey, TreeMath.Node(place)),
            _signatureKeys.SetItem(leaf.SignatureKey, place.Value));
        return (tree, place);
    }

    /// <summary>Replaces a leaf and blanks the nodes above it (section 7.7).</summary>
    public RatchetTree WithUpdated(LeafIndex index, LeafNode leaf)
    {
        (var encryptionKeys, var signatureKeys) = KeysWithoutPath(index);
        return new RatchetTree(
            Suite,
            _root.With(index.Value, leaf, _ => null),
            encryptionKeys.SetItem(leaf.EncryptionKey, TreeMath.Node(index)),
            signatureKeys.SetItem(leaf.SignatureKey, index.Value));
    }

    /// <summary>Blanks a leaf and the nodes above it, and drops the right half while it is empty (section 7.7).</summary>
    public RatchetTree WithRemoved(LeafIndex index)
    {
        (var encryptionKeys, var signatureKeys) = KeysWithoutPath(index);
        TreeNode root = _root.With(index.Value, null, _ => null);
        while (!root.IsLeaf && root.Right.Members == 0)
            root = root.Left;

        return new RatchetTree(Suite, root, encryptionKeys, signatureKeys);
    }

    /// <summary>Sets the sender's leaf and the nodes of its filtered direct path; the others above it become blank (section 7.5).</summary>
    /// <param name="index">The sender.</param>
    /// <param name="leaf">Its new leaf.</param>
    /// <param name="path">The new nodes, from the bottom, one for each of <see cref="FilteredDirectPath"/>.</param>
    public RatchetTree WithPath(LeafIndex index, LeafNode leaf, IReadOnlyList<(TreeNode Node, ParentNode Value)> path)
    {
        (var encryptionKeys, var signatureKeys) = KeysWithoutPath(index);
        var keys = encryptionKeys.ToBuilder();
        keys[leaf.EncryptionKey] = TreeMath.Node(index);
        foreach ((TreeNode node, ParentNode value) in path)
            keys[value.EncryptionKey.Bytes] = node.Index;

        int next = path.Count - 1;
        TreeNode root = _root.With(index.Value, leaf, node => next >= 0 && path[next].Node.Index == node.Index ? path[next--].Value : null);
        return new RatchetTree(Suite, root, keys.ToImmutable(), signatureKeys.SetItem(leaf.SignatureKey, index.Value));
    }

    /// <summary>
    /// The parent hashes that a path gives to its nodes and to its leaf (section 7.9): from the top, each node's hash covers the one above
    /// and the tree hash of the subtree beside.
    /// </summary>
    public (ByteString LeafParentHash, IReadOnlyList<(TreeNode Node, ParentNode Value)> Path) HashPath(
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> filteredPath,
        IReadOnlyList<ByteString> publicKeys)
    {
        var path = new (TreeNode, ParentNode)[filteredPath.Count];
        ByteString hash = ByteString.Empty;
        for (int i = filteredPath.Count - 1; i >= 0; i--)
        {
            var value = new ParentNode(new NodeKey(publicKeys[i]), hash, []);
            path[i] = (filteredPath[i].Node, value);
            hash = ParentHash(value, filteredPath[i].Copath);
        }

        return (hash, path);
    }

    /// <summary>The ratchet_tree extension (section 12.4.3.3): the nodes from the left up to the last that is not blank.</summary>
    public ByteString Encode()
    {
        TreeNode last = _root;
        while (!last.IsLeaf && (last.Right.Members > 0 || last.Parent is null))
            last = last.Right.Members > 0 ? last.Right : last.Left;

        var writer = WireWriter.Growing((int)Math.Min(1 << 20, 512 * Members));
        int start = writer.BeginVector();
        EncodeInOrder(ref writer, _root, last.Index);
        writer.EndVector(start);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    /// <summary>Decodes a ratchet_tree extension and checks what can be seen in the tree alone, except signatures and hashes.</summary>
    public static Refusal? Decode(CipherSuite suite, ReadOnlySpan<byte> bytes, out RatchetTree? tree)
    {
        tree = null;
        var reader = new WireReader(bytes);
        IReadOnlyList<NodeSlot> nodes = reader.ReadList(NodeSlot.Read);
        if (!reader.Complete || nodes.Count == 0 || nodes[^1].IsBlank)
            return Rules.TreeEncoding;
        if (nodes.Count > TreeMath.NodeCount(TreeMath.MaxLeaves))
            return Rules.TreeSize;

        for (int i = 0; i < nodes.Count; i++)
        {
            if (TreeMath.IsLeaf((uint)i) ? nodes[i].Parent is not null : nodes[i].Leaf is not null)
                return Rules.TreeEncoding;
        }

        // One that ends in a parent reaches to the leaf on its right, which is blank.
        uint leaves = TreeMath.FullSize(((uint)nodes.Count + 2) / 2);
        int[] nextUsed = new int[nodes.Count];
        for (int i = nodes.Count - 1, next = i; i >= 0; i--)
            nextUsed[i] = next = nodes[i].IsBlank ? next : i;
        TreeNode root = Build(nodes, nextUsed, System.Numerics.BitOperations.Log2(leaves), 0);

        var encryptionKeys = ImmutableDictionary.CreateBuilder<ByteString, uint>();
        var signatureKeys = ImmutableDictionary.CreateBuilder<ByteString, uint>();
        for (int i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].IsBlank)
                continue;
            if (!encryptionKeys.TryAdd(nodes[i].Leaf?.EncryptionKey ?? nodes[i].Parent!.EncryptionKey.Bytes, (uint)i))
                return Rules.EncryptionKeyTwice;
            if (nodes[i].Leaf is { } leaf && !signatureKeys.TryAdd(leaf.SignatureKey, (uint)i / 2))
                return Rules.SignatureKeyTwice;
        }

        tree = new RatchetTree(suite, root, encryptionKeys.ToImmutable(), signatureKeys.ToImmutable());
        return null;
    }

    /// <summary>Checks what a joiner must check in the tree beyond its leaves: unmerged leaves and parent hashes (sections 7.9.2 and 12.4.3.1).</summary>
    public Refusal? ValidateParents()
    {
        // In this order: a resolution can be taken only where unmerged leaves are what they should be.
        if (!AllParents(_root, static (_, node) => HasValidUnmergedLeaves(node, node.Parent!)))
            return Rules.TreeUnmergedLeaves;
        if (!AllParents(_root, static (tree, node) => tree.IsChained(node.Parent!, node.Left, node.Right) || tree.IsChained(node.Parent!, node.Right, node.Left)))
            return Rules.TreeParentHash;

        return null;
    }

    private bool AllParents(TreeNode node, Func<RatchetTree, TreeNode, bool> holds) =>
        node.IsLeaf
        || node.IsEmpty
        || ((node.Parent is null || holds(this, node)) && AllParents(node.Left, holds) && AllParents(node.Right, holds));

    private static bool HasValidUnmergedLeaves(TreeNode node, ParentNode parent)
    {
        long before = -1;
        foreach (uint leaf in parent.UnmergedLeaves)
        {
            if (leaf <= before || !node.Contains(leaf))
                return false;

            before = leaf;
            TreeNode below = node.ChildrenFor(leaf).Towards;
            while (!below.IsLeaf)
            {
                if (below.Parent is { } between && Array.BinarySearch(between.UnmergedLeaves, leaf) < 0)
                    return false;

                below = below.ChildrenFor(leaf).Towards;
            }

            if (below.Leaf is null)
                return false;
        }

        return true;
    }

    // Some node D in the resolution of the child has the parent hash of this node with respect to the sibling,
    // and the rest of the resolution are the unmerged leaves below the child.
    private bool IsChained(ParentNode parent, TreeNode child, TreeNode sibling)
    {
        List<TreeNode> resolution = [];
        child.Resolve(resolution);
        uint[] unmerged = [.. parent.UnmergedLeaves.Where(child.Contains)];
        if (resolution.Count != unmerged.Length + 1)
            return false;

        ByteString expected = ParentHash(parent, sibling);
        foreach (TreeNode candidate in resolution)
        {
            ByteString claimed = candidate.Parent?.ParentHash
                ?? (candidate.Leaf!.Source == LeafNodeSource.Commit ? candidate.Leaf.ParentHash : ByteString.Empty);
            if (claimed.IsEmpty || claimed != expected)
                continue;

            if (resolution.TrueForAll(other => other == candidate || (other.IsLeaf && Array.BinarySearch(unmerged, other.FirstLeaf) >= 0)))
                return true;
        }

        return false;
    }

    // struct { HPKEPublicKey encryption_key; opaque parent_hash<V>; opaque original_sibling_tree_hash<V>; } ParentHashInput
    private ByteString ParentHash(ParentNode parent, TreeNode sibling)
    {
        var input = WireWriter.Growing();
        input.WriteVector(parent.EncryptionKey.Bytes);
        input.WriteVector(parent.ParentHash);
        input.WriteVector(sibling.HashWithout(Suite, parent.UnmergedLeaves));
        ByteString hash = Suite.HashOf(input.Written);
        input.Dispose();
        return hash;
    }

    private (ImmutableDictionary<ByteString, uint> Encryption, ImmutableDictionary<ByteString, uint> Signature) KeysWithoutPath(LeafIndex index)
    {
        var encryption = _encryptionKeys.ToBuilder();
        TreeNode node = _root;
        for (; !node.IsLeaf; node = node.ChildrenFor(index.Value).Towards)
        {
            if (node.Parent is not null)
                encryption.Remove(node.Parent.EncryptionKey.Bytes);
        }

        if (node.Leaf is null)
            return (encryption.ToImmutable(), _signatureKeys);

        encryption.Remove(node.Leaf.EncryptionKey);
        return (encryption.ToImmutable(), _signatureKeys.Remove(node.Leaf.SignatureKey));
    }

    // The subtree of the nodes from 2 * firstLeaf on. Where all of them are blank no node is made for each.
    private static TreeNode Build(IReadOnlyList<NodeSlot> nodes, int[] nextUsed, int level, uint firstLeaf)
    {
        uint width = 1u << level;
        if (2 * firstLeaf >= nodes.Count || nextUsed[2 * firstLeaf] > (2 * firstLeaf) + TreeMath.NodeCount(width) - 1)
            return TreeNode.Blank(level, firstLeaf);
        if (level == 0)
            return new TreeNode(firstLeaf, nodes[(int)(2 * firstLeaf)].Leaf);

        uint index = (2 * firstLeaf) + width - 1;
        ParentNode? parent = index < nodes.Count ? nodes[(int)index].Parent : null;
        return new TreeNode(parent, Build(nodes, nextUsed, level - 1, firstLeaf), Build(nodes, nextUsed, level - 1, firstLeaf + (width / 2)));
    }

    private static void EncodeInOrder(ref WireWriter writer, TreeNode node, uint last)
    {
        if (node.IsLeaf)
        {
            if (node.Index <= last)
                WriteNode(ref writer, NodeType.Leaf, node.Leaf);
            return;
        }

        EncodeInOrder(ref writer, node.Left, last);
        if (node.Index > last)
            return;

        WriteNode(ref writer, NodeType.Parent, node.Parent);
        EncodeInOrder(ref writer, node.Right, last);
    }

    private static void WriteNode(ref WireWriter writer, byte type, IStructure? value)
    {
        writer.WriteUInt8(value is null ? (byte)0 : (byte)1);
        if (value is null)
            return;

        writer.WriteUInt8(type);
        value.Write(ref writer);
    }

    // optional<Node>, struct { NodeType node_type; select { leaf: LeafNode; parent: ParentNode; } } Node
    private readonly record struct NodeSlot(LeafNode? Leaf, ParentNode? Parent)
    {
        public bool IsBlank => Leaf is null && Parent is null;

        public static NodeSlot Read(ref WireReader reader)
        {
            switch (reader.ReadUInt8())
            {
                case 0:
                    return default;
                case 1:
                    switch (reader.ReadUInt8())
                    {
                        case NodeType.Leaf:
                            return new NodeSlot(LeafNode.Read(ref reader), null);
                        case NodeType.Parent:
                            return new NodeSlot(null, ParentNode.Read(ref reader));
                    }

                    break;
            }

            reader.Fail();
            return default;
        }
    }
}
