using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A public encryption key of the tree, imported when it is first used and then kept.</summary>
internal sealed class NodeKey(ByteString bytes)
{
    private KemPublicKey? _imported;

    public ByteString Bytes { get; } = bytes;

    /// <summary><see langword="null"/> when it is not a public key of the suite.</summary>
    public KemPublicKey? Import(CipherSuite suite) => _imported ??= suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, Bytes);
}

/// <summary>A parent node that is not blank (RFC 9420 section 7.1). Immutable.</summary>
internal sealed class ParentNode(NodeKey encryptionKey, ByteString parentHash, uint[] unmergedLeaves) : IStructure
{
    public NodeKey EncryptionKey { get; } = encryptionKey;

    public ByteString ParentHash { get; } = parentHash;

    /// <summary>Leaves below that do not know the private key, ascending.</summary>
    public uint[] UnmergedLeaves { get; } = unmergedLeaves;

    public ParentNode WithUnmerged(LeafIndex leaf)
    {
        uint[] leaves = new uint[UnmergedLeaves.Length + 1];
        int i = 0;
        for (; i < UnmergedLeaves.Length && UnmergedLeaves[i] < leaf.Value; i++)
            leaves[i] = UnmergedLeaves[i];
        leaves[i] = leaf.Value;
        for (; i < UnmergedLeaves.Length; i++)
            leaves[i + 1] = UnmergedLeaves[i];

        return new ParentNode(EncryptionKey, ParentHash, leaves);
    }

    // struct { HPKEPublicKey encryption_key; opaque parent_hash<V>; uint32 unmerged_leaves<V>; }
    public void Write(ref WireWriter writer) => Write(ref writer, UnmergedLeaves);

    public void Write(ref WireWriter writer, uint[] unmergedLeaves)
    {
        writer.WriteVector(EncryptionKey.Bytes);
        writer.WriteVector(ParentHash);
        int start = writer.BeginVector();
        foreach (uint leaf in unmergedLeaves)
            writer.WriteUInt32(leaf);
        writer.EndVector(start);
    }

    public static ParentNode Read(ref WireReader reader) =>
        new(new NodeKey(reader.ReadBytes()), reader.ReadBytes(), [.. reader.ReadList(static (ref WireReader r) => r.ReadUInt32())]);
}
