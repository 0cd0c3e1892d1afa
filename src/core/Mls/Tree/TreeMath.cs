using System.Numerics;

namespace RoomAgent.Mls;

/// <summary>
/// The numbering of the nodes of a full binary tree (RFC 9420 appendix C): leaves have even indexes, and the level of a node is the number of ones
/// at the end of its index.
/// </summary>
/// <remarks>
/// Every function here is given indexes that lie in the tree: what comes from the wire is checked against the size before.
/// A question that has no answer, such as the parent of the root, is an exception and not a wrong number.
/// </remarks>
internal static class TreeMath
{
    /// <summary>More leaves than this are refused everywhere: no index overflows, and a tree that is nothing but blanks stays small.</summary>
    public const uint MaxLeaves = 1u << 16;

    /// <summary>Nodes of a tree of <paramref name="leaves"/> leaves.</summary>
    public static uint NodeCount(uint leaves) => leaves == 0 ? 0 : (2 * leaves) - 1;

    /// <summary>The smallest power of two that is at least <paramref name="leaves"/>.</summary>
    public static uint FullSize(uint leaves) => BitOperations.RoundUpToPowerOf2(Math.Max(leaves, 1));

    public static uint Node(LeafIndex leaf) => 2 * leaf.Value;

    public static bool IsLeaf(uint node) => (node & 1) == 0;

    public static LeafIndex Leaf(uint node) => IsLeaf(node) ? new LeafIndex(node / 2) : throw new ArgumentOutOfRangeException(nameof(node));

    public static int Level(uint node) => BitOperations.TrailingZeroCount(~node);

    /// <summary>The root of a tree of <paramref name="leaves"/> leaves, a power of two.</summary>
    public static uint Root(uint leaves) =>
        BitOperations.IsPow2(leaves) ? leaves - 1 : throw new ArgumentOutOfRangeException(nameof(leaves));

    public static uint Left(uint node)
    {
        int level = Level(node);
        return level > 0 ? node ^ (1u << (level - 1)) : throw new ArgumentOutOfRangeException(nameof(node), "A leaf has no children.");
    }

    public static uint Right(uint node)
    {
        int level = Level(node);
        return level > 0 ? node ^ (3u << (level - 1)) : throw new ArgumentOutOfRangeException(nameof(node), "A leaf has no children.");
    }

    public static uint Parent(uint node, uint leaves)
    {
        RequireInside(node, leaves);
        if (node == Root(leaves))
            throw new ArgumentOutOfRangeException(nameof(node), "The root has no parent.");

        int level = Level(node);
        uint bit = (node >> (level + 1)) & 1;
        return (node | (1u << level)) ^ (bit << (level + 1));
    }

    public static uint Sibling(uint node, uint leaves)
    {
        uint parent = Parent(node, leaves);
        return node < parent ? Right(parent) : Left(parent);
    }

    private static void RequireInside(uint node, uint leaves)
    {
        if (node >= NodeCount(leaves))
            throw new ArgumentOutOfRangeException(nameof(node), "The node lies outside the tree.");
    }
}
