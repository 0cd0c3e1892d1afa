using System.Buffers.Binary;
using System.Security.Cryptography;

namespace RoomAgent.Mls.Tests.Properties;

/// <summary>
/// The ratchet tree written down from RFC 9420 with arrays and recursion, slow and plain, for SHA-256. It shares no code with the library: it reads
/// the encoded tree by itself, and it does by itself what proposals and paths do to a tree.
/// </summary>
/// <remarks>A node is named by the leaves below it, from <c>lo</c> to <c>hi</c> without <c>hi</c>; its index in the array is <c>lo + hi - 1</c>.</remarks>
internal sealed class NaiveTree
{
    private readonly List<Node?> _nodes;

    private NaiveTree(List<Node?> nodes) => _nodes = nodes;

    private int Width => (_nodes.Count + 1) / 2;

    /// <summary>A tree of one member.</summary>
    public static NaiveTree OfOne() => new([new Node()]);

    /// <summary>Reads a ratchet_tree extension (section 12.4.3.3).</summary>
    public static NaiveTree Read(ReadOnlySpan<byte> encoded)
    {
        List<Node?> nodes = [];
        var cursor = new Cursor(encoded.ToArray());
        for (Cursor list = cursor.Vector(); !list.AtEnd;)
        {
            if (list.Byte() == 0)
            {
                nodes.Add(null);
                continue;
            }

            bool isLeaf = list.Byte() == 1;
            int start = list.Position;
            nodes.Add(isLeaf ? ReadLeaf(list) : ReadParent(list));
            nodes[^1]!.Encoded = list.Since(start);
        }

        int full = 1;
        while (full < nodes.Count)
            full = (2 * full) + 1;
        while (nodes.Count < full)
            nodes.Add(null);
        return new NaiveTree(nodes);
    }

    /// <summary>Section 7.7: the leftmost blank leaf is filled, and is unmerged at each node above that is not blank.</summary>
    public int Add()
    {
        int leaf = Enumerable.Range(0, Width).FirstOrDefault(i => _nodes[2 * i] is null, -1);
        if (leaf < 0)
        {
            leaf = Width;
            int added = _nodes.Count + 1;
            for (int i = 0; i < added; i++)
                _nodes.Add(null);
        }

        _nodes[2 * leaf] = new Node();
        foreach ((int lo, int hi) in Above(leaf))
            At(lo, hi)?.Unmerged.Add(leaf);
        foreach ((int lo, int hi) in Above(leaf))
            At(lo, hi)?.Unmerged.Sort();
        return leaf;
    }

    /// <summary>Section 7.7: the leaf stays, all above becomes blank.</summary>
    public void Update(int leaf)
    {
        foreach ((int lo, int hi) in Above(leaf))
            _nodes[lo + hi - 1] = null;
    }

    /// <summary>Section 7.7: the leaf and all above become blank, and the right half goes while it is empty.</summary>
    public void Remove(int leaf)
    {
        Update(leaf);
        _nodes[2 * leaf] = null;
        while (Width > 1 && Enumerable.Range(Width / 2, Width / 2).All(i => _nodes[2 * i] is null))
            _nodes.RemoveRange(_nodes.Count / 2, (_nodes.Count / 2) + 1);
    }

    /// <summary>Section 7.5: the filtered direct path gets new nodes, what is left out becomes blank.</summary>
    /// <param name="leaf">The committer.</param>
    /// <param name="newLeaves">Leaves that the same commit added.</param>
    /// <returns>How many ciphertexts each new node has, from the bottom.</returns>
    public int[] Path(int leaf, IReadOnlyCollection<int> newLeaves)
    {
        List<int> ciphertexts = [];
        _nodes[2 * leaf] ??= new Node();
        foreach ((int lo, int hi) in Above(leaf).Reverse().ToArray())
        {
            int middle = (lo + hi) / 2;
            List<int> copath = leaf < middle ? Resolution(middle, hi) : Resolution(lo, middle);
            _nodes[lo + hi - 1] = copath.Count == 0 ? null : new Node();
            if (copath.Count > 0)
                ciphertexts.Add(copath.Count(node => node % 2 != 0 || !newLeaves.Contains(node / 2)));
        }

        return [.. ciphertexts];
    }

    /// <summary>The place that one takes who joins by its own commit.</summary>
    public int Join()
    {
        int leaf = Add();
        foreach ((int lo, int hi) in Above(leaf))
            At(lo, hi)?.Unmerged.Remove(leaf);
        return leaf;
    }

    /// <summary>Which nodes are blank and which leaves are unmerged where.</summary>
    public string Shape() => string.Join(" ", _nodes.Select(node => node is null ? "_" : $"x{string.Join(",", node.Unmerged)}"));

    /// <summary>Section 4.1.1.</summary>
    public List<int> Resolution(int lo, int hi)
    {
        if (At(lo, hi) is { } node)
            return [lo + hi - 1, .. node.Unmerged.Select(leaf => 2 * leaf)];
        if (hi - lo == 1)
            return [];

        int middle = (lo + hi) / 2;
        return [.. Resolution(lo, middle), .. Resolution(middle, hi)];
    }

    /// <summary>Section 7.8.</summary>
    public byte[] Hash() => Hash(0, Width, []);

    /// <summary>Section 7.9.2, for every parent node that is not blank.</summary>
    public bool IsParentHashValid() => IsParentHashValid(0, Width);

    /// <summary>Section 12.4.3.1: for each parent and each of its unmerged leaves.</summary>
    public bool AreUnmergedLeavesValid() => AreUnmergedLeavesValid(0, Width);

    private bool AreUnmergedLeavesValid(int lo, int hi)
    {
        if (hi - lo == 1)
            return true;

        int middle = (lo + hi) / 2;
        if (At(lo, hi) is { } parent)
        {
            if (!parent.Unmerged.SequenceEqual(parent.Unmerged.Distinct().Order()))
                return false;

            foreach (int leaf in parent.Unmerged)
            {
                if (leaf < lo || leaf >= hi || _nodes[2 * leaf] is null)
                    return false;
                if (Above(leaf).Any(between => between.Lo >= lo && between.Hi <= hi && At(between.Lo, between.Hi) is { } node && !node.Unmerged.Contains(leaf)))
                    return false;
            }
        }

        return AreUnmergedLeavesValid(lo, middle) && AreUnmergedLeavesValid(middle, hi);
    }

    private bool IsParentHashValid(int lo, int hi)
    {
        if (hi - lo == 1)
            return true;

        int middle = (lo + hi) / 2;
        if (At(lo, hi) is { } parent && !IsBound(parent, (lo, middle), (middle, hi)) && !IsBound(parent, (middle, hi), (lo, middle)))
            return false;

        return IsParentHashValid(lo, middle) && IsParentHashValid(middle, hi);
    }

    private bool IsBound(Node parent, (int Lo, int Hi) child, (int Lo, int Hi) sibling)
    {
        byte[] hash = SHA256.HashData([.. Vector(parent.Key), .. Vector(parent.ParentHash), .. Vector(Hash(sibling.Lo, sibling.Hi, parent.Unmerged))]);
        List<int> resolution = Resolution(child.Lo, child.Hi);
        IEnumerable<int> unmerged = parent.Unmerged.Where(leaf => leaf >= child.Lo && leaf < child.Hi).Select(leaf => 2 * leaf);
        return resolution.Any(d => _nodes[d]!.ParentHash.SequenceEqual(hash) && resolution.Where(node => node != d).Order().SequenceEqual(unmerged.Order()));
    }

    private byte[] Hash(int lo, int hi, List<int> without)
    {
        Node? node = At(lo, hi);
        if (hi - lo == 1)
        {
            byte[] index = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(index, lo);
            return SHA256.HashData([1, .. index, .. node is null || without.Contains(lo) ? [0] : (byte[])[1, .. node.Encoded]]);
        }

        int middle = (lo + hi) / 2;
        byte[] present = [0];
        if (node is not null)
        {
            byte[] unmerged = [.. node.Unmerged.Except(without).SelectMany(leaf => (byte[])[(byte)(leaf >> 24), (byte)(leaf >> 16), (byte)(leaf >> 8), (byte)leaf])];
            present = [1, .. Vector(node.Key), .. Vector(node.ParentHash), .. Vector(unmerged)];
        }

        return SHA256.HashData([2, .. present, .. Vector(Hash(lo, middle, without)), .. Vector(Hash(middle, hi, without))]);
    }

    private Node? At(int lo, int hi) => _nodes[lo + hi - 1];

    // From the root down, without the leaf.
    private IEnumerable<(int Lo, int Hi)> Above(int leaf)
    {
        (int lo, int hi) = (0, Width);
        while (hi - lo > 1)
        {
            yield return (lo, hi);
            int middle = (lo + hi) / 2;
            (lo, hi) = leaf < middle ? (lo, middle) : (middle, hi);
        }
    }

    // Section 2.1.2
    private static byte[] Vector(byte[] bytes) => bytes.Length switch
    {
        < 64 => [(byte)bytes.Length, .. bytes],
        < 16384 => [(byte)(0x40 | (bytes.Length >> 8)), (byte)bytes.Length, .. bytes],
        _ => [(byte)(0x80 | (bytes.Length >> 24)), (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes],
    };

    // Section 7.2, of which only three fields matter here.
    private static Node ReadLeaf(Cursor cursor)
    {
        var leaf = new Node { Key = cursor.Bytes() };
        cursor.Bytes();
        cursor.Skip(2);
        cursor.Bytes();
        for (int capabilities = 0; capabilities < 5; capabilities++)
            cursor.Bytes();
        switch (cursor.Byte())
        {
            case 1:
                cursor.Skip(16);
                break;
            case 3:
                leaf.ParentHash = cursor.Bytes();
                break;
        }

        cursor.Bytes();
        cursor.Bytes();
        return leaf;
    }

    // Section 7.1
    private static Node ReadParent(Cursor cursor)
    {
        var parent = new Node { Key = cursor.Bytes(), ParentHash = cursor.Bytes() };
        for (Cursor list = cursor.Vector(); !list.AtEnd;)
            parent.Unmerged.Add((list.Byte() << 24) | (list.Byte() << 16) | (list.Byte() << 8) | list.Byte());
        return parent;
    }

    private sealed class Node
    {
        public byte[] Encoded { get; set; } = [];

        public byte[] Key { get; init; } = [];

        public byte[] ParentHash { get; set; } = [];

        public List<int> Unmerged { get; } = [];
    }

    private sealed class Cursor(byte[] bytes)
    {
        public int Position { get; private set; }

        public bool AtEnd => Position == bytes.Length;

        public byte Byte() => bytes[Position++];

        public void Skip(int count) => Position += count;

        public byte[] Since(int start) => bytes[start..Position];

        public byte[] Bytes()
        {
            int first = Byte();
            int length = first & 0x3f;
            for (int more = (1 << (first >> 6)) - 1; more > 0; more--)
                length = (length << 8) | Byte();
            Position += length;
            return bytes[(Position - length)..Position];
        }

        public Cursor Vector() => new(Bytes());
    }
}
