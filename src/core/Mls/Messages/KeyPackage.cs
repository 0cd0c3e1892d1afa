using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What a client publishes so that it can be added while it is away (RFC 9420 section 10), as it was decoded or made. Immutable.</summary>
public sealed class KeyPackage : IStructure
{
    private bool _verified;

    private KemPublicKey? _initKey;

    private KeyPackage()
    {
    }

    /// <summary>The protocol version; 1 is the only one.</summary>
    public ushort Version { get; private init; }

    /// <summary>The number of the suite it is for.</summary>
    public CipherSuiteId CipherSuite { get; private init; }

    /// <summary>The public key that the Welcome is encrypted to.</summary>
    public ByteString InitKey { get; private init; }

    /// <summary>The leaf that its owner will have.</summary>
    public LeafNode LeafNode { get; private init; } = null!;

    /// <summary>Extensions of the package.</summary>
    public IReadOnlyList<Extension> Extensions { get; private init; } = [];

    /// <summary>The owner's signature over all this.</summary>
    public ByteString Signature { get; private init; }

    /// <summary>The encoding, without the header of an MLSMessage.</summary>
    public ByteString Encoded { get; private init; }

    /// <summary>Whether it may be used again when no other is left.</summary>
    public bool IsLastResort => Extensions.TryFind(ExtensionType.LastResort, out _);

    /// <summary>KeyPackageRef (section 5.2): how a Welcome names it.</summary>
    public ByteString Reference(CipherSuite suite) => suite.RefHash("MLS 1.0 KeyPackage Reference"u8, Encoded);

    internal static KeyPackage Sign(CipherSuite suite, ByteString initKey, LeafNode leafNode, IReadOnlyList<Extension> extensions, SigningKey key)
    {
        var writer = WireWriter.Growing();
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)suite.Id);
        writer.WriteVector(initKey);
        writer.WriteBytes(leafNode.Encoded);
        writer.WriteList(extensions);
        ByteString signature = suite.SignWithLabel(key, "KeyPackageTBS"u8, writer.Written);
        writer.WriteVector(signature);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return new KeyPackage
        {
            Version = ProtocolVersion.Mls10,
            CipherSuite = suite.Id,
            InitKey = initKey,
            LeafNode = leafNode,
            Extensions = extensions,
            Signature = signature,
            Encoded = encoded,
        };
    }

    /// <summary>The init key, imported once and kept: <see langword="null"/> when it is not a key of the suite.</summary>
    internal KemPublicKey? ImportInitKey(CipherSuite suite) => _initKey ??= suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, InitKey);

    /// <summary>Whether the signature is that of the leaf's key; verified once.</summary>
    internal bool VerifySignature(VerifyingKey key) =>
        _verified = _verified || Mls.CipherSuite.VerifyWithLabel(key, "KeyPackageTBS"u8, Encoded.Span[..^(Varint.SizeOf(Signature.Length) + Signature.Length)], Signature);

    void IStructure.Write(ref WireWriter writer) => writer.WriteBytes(Encoded);

    // struct { ProtocolVersion version; CipherSuite cipher_suite; HPKEPublicKey init_key; LeafNode leaf_node; Extension extensions<V>; opaque signature<V>; }
    internal static KeyPackage Read(ref WireReader reader)
    {
        int start = reader.Position;
        ushort version = reader.ReadUInt16();
        var suite = (CipherSuiteId)reader.ReadUInt16();
        ByteString initKey = reader.ReadBytes();
        LeafNode leafNode = LeafNode.Read(ref reader);
        IReadOnlyList<Extension> extensions = reader.ReadList(Extension.Read);
        ByteString signature = reader.ReadBytes();
        return new KeyPackage
        {
            Version = version,
            CipherSuite = suite,
            InitKey = initKey,
            LeafNode = leafNode,
            Extensions = extensions,
            Signature = signature,
            Encoded = reader.Failed ? default : ByteString.CopyOf(reader.Since(start)),
        };
    }
}

/// <summary>Protocol versions (RFC 9420 section 6).</summary>
internal static class ProtocolVersion
{
    public const ushort Mls10 = 1;
}
