using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// A subtree. Immutable: a change makes new nodes from the changed leaf up to the root and shares all others, so that an old tree, a staged one
/// and the hashes that were computed for either live side by side.
/// </summary>
internal sealed class TreeNode
{
    private readonly TreeNode? _left;
    private readonly TreeNode? _right;
    private ByteString _hash;

    /// <summary>A leaf, blank or not.</summary>
    public TreeNode(uint leaf, LeafNode? value)
    {
        FirstLeaf = leaf;
        Leaf = value;
        Members = value is null ? 0u : 1u;
    }

    /// <summary>A parent, blank or not, of two subtrees.</summary>
    public TreeNode(ParentNode? value, TreeNode left, TreeNode right)
    {
        Level = left.Level + 1;
        FirstLeaf = left.FirstLeaf;
        Parent = value;
        Members = left.Members + right.Members;
        _left = left;
        _right = right;
    }

    // A subtree without members is one object until somebody looks inside.
    private TreeNode(int level, uint firstLeaf)
    {
        Level = level;
        FirstLeaf = firstLeaf;
    }

    /// <summary>0 for a leaf.</summary>
    public int Level { get; }

    /// <summary>The leftmost leaf below.</summary>
    public uint FirstLeaf { get; }

    /// <summary>Leaves below that are not blank.</summary>
    public uint Members { get; }

    public LeafNode? Leaf { get; }

    public ParentNode? Parent { get; }

    public bool IsLeaf => Level == 0;

    public bool IsBlank => Leaf is null && Parent is null;

    /// <summary>Whether there is surely nothing below. A tree from a stranger can have parents without members.</summary>
    public bool IsEmpty => IsBlank && Members == 0 && _left is null;

    /// <summary>Leaves below, blank ones included.</summary>
    public uint Width => 1u << Level;

    /// <summary>The index of the node (appendix C).</summary>
    public uint Index => (2 * FirstLeaf) + Width - 1;

    public TreeNode Left => _left ?? Blank(Level - 1, FirstLeaf);

    public TreeNode Right => _right ?? Blank(Level - 1, FirstLeaf + (Width / 2));

    public static TreeNode Blank(int level, uint firstLeaf) => new(level, firstLeaf);

    public bool Contains(uint leaf) => leaf - FirstLeaf < Width;

    /// <summary>The child towards <paramref name="leaf"/>, and the other one.</summary>
    public (TreeNode Towards, TreeNode Away) ChildrenFor(uint leaf)
    {
        TreeNode left = Left;
        return left.Contains(leaf) ? (left, Right) : (Right, left);
    }

    public TreeNode Find(uint leaf)
    {
        TreeNode node = this;
        while (!node.IsLeaf)
            node = node.ChildrenFor(leaf).Towards;

        return node;
    }

    /// <summary>The tree with another leaf, and other values on the way to it.</summary>
    public TreeNode With(uint leaf, LeafNode? value, Func<TreeNode, ParentNode?> onPath)
    {
        if (IsLeaf)
            return new TreeNode(leaf, value);

        ParentNode? parent = onPath(this);
        TreeNode left = Left;
        return left.Contains(leaf)
            ? new TreeNode(parent, left.With(leaf, value, onPath), Right)
            : new TreeNode(parent, left, Right.With(leaf, value, onPath));
    }

    /// <summary>The resolution (section 4.1.1): the nodes whose keys reach all members below, from the left.</summary>
    public void Resolve(List<TreeNode> resolution)
    {
        if (!IsBlank)
        {
            resolution.Add(this);
            if (Parent is not null)
            {
                foreach (uint leaf in Parent.UnmergedLeaves)
                    resolution.Add(Find(leaf));
            }
        }
        else if (!IsLeaf && !IsEmpty)
        {
            Left.Resolve(resolution);
            Right.Resolve(resolution);
        }
    }

    /// <summary>The tree hash (section 7.8).</summary>
    public ByteString Hash(CipherSuite suite)
    {
        if (_hash.IsEmpty && IsEmpty)
        {
            byte[] hash = new byte[suite.HashSize];
            HashBlank(suite, Level, FirstLeaf, hash);
            _hash = ByteString.Owning(hash);
        }
        else if (_hash.IsEmpty)
        {
            _hash = IsLeaf ? HashLeaf(suite, Leaf) : HashParent(suite, Parent?.UnmergedLeaves, Left.Hash(suite), Right.Hash(suite));
        }

        return _hash;
    }

    /// <summary>The tree hash as it would be without some leaves, in the leaves and among the unmerged ones (section 7.9).</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="leaves">The leaves left out, ascending.</param>
    public ByteString HashWithout(CipherSuite suite, ReadOnlySpan<uint> leaves)
    {
        // Only those below go on downwards.
        leaves = leaves[CountBelow(leaves, FirstLeaf)..];
        leaves = leaves[..CountBelow(leaves, FirstLeaf + Width)];
        if (leaves.IsEmpty)
            return Hash(suite);
        if (IsLeaf)
            return HashLeaf(suite, null);

        uint[]? unmerged = Parent?.UnmergedLeaves;
        if (unmerged is { Length: > 0 })
        {
            HashSet<uint> without = [.. leaves];
            unmerged = Array.FindAll(unmerged, leaf => !without.Contains(leaf));
        }

        return HashParent(suite, unmerged, Left.HashWithout(suite, leaves), Right.HashWithout(suite, leaves));
    }

    private static int CountBelow(ReadOnlySpan<uint> ascending, uint limit)
    {
        int at = ascending.BinarySearch(limit);
        return at < 0 ? ~at : at;
    }

    // A blank subtree can be as wide as a stranger likes, so that no objects are made for what is in it.
    private static void HashBlank(CipherSuite suite, int level, uint firstLeaf, Span<byte> hash)
    {
        var input = new WireWriter(stackalloc byte[2 + (2 * (Varint.LargestSize + Sizes.LargestDigest))]);
        if (level == 0)
        {
            input.WriteUInt8(NodeType.Leaf);
            input.WriteUInt32(firstLeaf);
            input.WriteUInt8(0);
        }
        else
        {
            Span<byte> child = stackalloc byte[Sizes.LargestDigest];
            child = child[..hash.Length];
            input.WriteUInt8(NodeType.Parent);
            input.WriteUInt8(0);
            HashBlank(suite, level - 1, firstLeaf, child);
            input.WriteVector(child);
            HashBlank(suite, level - 1, firstLeaf + (1u << (level - 1)), child);
            input.WriteVector(child);
        }

        suite.Crypto.Hash(suite.Hash, input.Written, hash);
    }

    // struct { NodeType node_type = leaf; uint32 leaf_index; optional<LeafNode> leaf_node; } TreeHashInput
    private ByteString HashLeaf(CipherSuite suite, LeafNode? leaf)
    {
        var input = WireWriter.Growing(1024);
        input.WriteUInt8(NodeType.Leaf);
        input.WriteUInt32(FirstLeaf);
        input.WriteOptional(leaf);
        ByteString hash = suite.HashOf(input.Written);
        input.Dispose();
        return hash;
    }

    // struct { NodeType node_type = parent; optional<ParentNode> parent_node; opaque left_hash<V>; opaque right_hash<V>; } TreeHashInput
    private ByteString HashParent(CipherSuite suite, uint[]? unmergedLeaves, ByteString left, ByteString right)
    {
        var input = WireWriter.Growing();
        input.WriteUInt8(NodeType.Parent);
        input.WriteUInt8(Parent is null ? (byte)0 : (byte)1);
        Parent?.Write(ref input, unmergedLeaves!);
        input.WriteVector(left);
        input.WriteVector(right);
        ByteString hash = suite.HashOf(input.Written);
        input.Dispose();
        return hash;
    }
}

/// <summary>Kinds of nodes (section 7.8).</summary>
internal static class NodeType
{
    public const byte Leaf = 1;
    public const byte Parent = 2;
}
