using System.Collections.Immutable;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// The private keys that one member knows: of its leaf, and of nodes above it. A value like the public tree; whoever replaces one by another
/// disposes of the keys that only the old one has.
/// </summary>
internal sealed class PrivateTree
{
    private readonly ImmutableDictionary<uint, KemPrivateKey> _keys;

    private PrivateTree(LeafIndex self, ImmutableDictionary<uint, KemPrivateKey> keys)
    {
        Self = self;
        _keys = keys;
    }

    /// <summary>The member's own leaf.</summary>
    public LeafIndex Self { get; }

    public static PrivateTree Empty(LeafIndex self) => new(self, ImmutableDictionary<uint, KemPrivateKey>.Empty);

    public static PrivateTree Of(LeafIndex self, KemPrivateKey leafKey) =>
        new(self, ImmutableDictionary<uint, KemPrivateKey>.Empty.Add(TreeMath.Node(self), leafKey));

    public KemPrivateKey? this[uint node] => _keys.GetValueOrDefault(node);

    public PrivateTree With(IEnumerable<KeyValuePair<uint, KemPrivateKey>> keys) => new(Self, _keys.SetItems(keys));

    public PrivateTree WithLeafKey(KemPrivateKey key) => new(Self, _keys.SetItem(TreeMath.Node(Self), key));

    /// <summary>Forgets the keys of nodes that are blank or have another key in <paramref name="tree"/>.</summary>
    public PrivateTree Within(RatchetTree tree)
    {
        var stale = new List<uint>();
        foreach ((uint node, KemPrivateKey key) in _keys)
        {
            if (tree.FindEncryptionKey(ByteString.CopyOf(key.PublicKey)) != node)
                stale.Add(node);
        }

        return stale.Count == 0 ? this : new PrivateTree(Self, _keys.RemoveRange(stale));
    }

    /// <summary>Zeroes the keys that nobody keeps.</summary>
    public void DisposeExcept(Func<KemPrivateKey, bool> isKept)
    {
        foreach (KemPrivateKey key in _keys.Values)
        {
            if (!isKept(key))
                key.Dispose();
        }
    }

    public bool Contains(KemPrivateKey key) => _keys.ContainsValue(key);
}
