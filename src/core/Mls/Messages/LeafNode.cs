using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Where a leaf node came from (RFC 9420 section 7.2).</summary>
public enum LeafNodeSource : byte
{
    /// <summary>A key package, when its owner was added.</summary>
    KeyPackage = 1,

    /// <summary>An Update proposal of its owner.</summary>
    Update = 2,

    /// <summary>A commit of its owner.</summary>
    Commit = 3,
}

/// <summary>What a client supports (RFC 9420 section 7.2). The defaults that everyone supports are not listed.</summary>
public sealed record Capabilities(
    IReadOnlyList<ushort> Versions,
    IReadOnlyList<ushort> CipherSuites,
    IReadOnlyList<ushort> Extensions,
    IReadOnlyList<ushort> Proposals,
    IReadOnlyList<ushort> Credentials)
{
    internal bool Supports(ushort version, CipherSuiteId suite) => Versions.Contains(version) && CipherSuites.Contains((ushort)suite);

    /// <summary>Whether all are supported: one pass over each list, however long a stranger made them.</summary>
    internal bool SupportAll(IReadOnlyList<Extension> extensions)
    {
        if (extensions.Count == 0)
            return true;

        HashSet<ushort> supported = [.. Extensions, 1, 2, 3, 4, 5];
        return extensions.All(extension => supported.Contains((ushort)extension.Type));
    }

    internal bool Supports(ExtensionType type) => (ushort)type is >= 1 and <= 5 || Extensions.Contains((ushort)type);

    internal bool Supports(ProposalType type) => (ushort)type is >= 1 and <= 7 || Proposals.Contains((ushort)type);

    internal bool Supports(CredentialType type) => Credentials.Contains((ushort)type);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt16List(Versions);
        writer.WriteUInt16List(CipherSuites);
        writer.WriteUInt16List(Extensions);
        writer.WriteUInt16List(Proposals);
        writer.WriteUInt16List(Credentials);
    }

    internal static Capabilities Read(ref WireReader reader) =>
        new(reader.ReadUInt16List(), reader.ReadUInt16List(), reader.ReadUInt16List(), reader.ReadUInt16List(), reader.ReadUInt16List());
}

/// <summary>When a key package may be used (RFC 9420 section 7.2), in seconds since 1970.</summary>
public readonly record struct Lifetime(ulong NotBefore, ulong NotAfter)
{
    /// <summary>Whether <paramref name="time"/> is within.</summary>
    public bool Includes(DateTimeOffset time)
    {
        long seconds = time.ToUnixTimeSeconds();
        return seconds >= 0 && NotBefore <= (ulong)seconds && (ulong)seconds <= NotAfter;
    }
}

/// <summary>A member's place in the tree (RFC 9420 section 7.2), as it was decoded or made. Immutable.</summary>
public sealed class LeafNode : IStructure
{
    private VerifyingKey? _verifyingKey;
    private KemPublicKey? _encryptionKey;
    private VerifiedFor? _verifiedFor;

    private LeafNode()
    {
    }

    /// <summary>The public key that path secrets are encrypted to.</summary>
    public ByteString EncryptionKey { get; private init; }

    /// <summary>The public key that signs for the member.</summary>
    public ByteString SignatureKey { get; private init; }

    /// <summary>Who the member says it is.</summary>
    public Credential Credential { get; private init; } = null!;

    /// <summary>What the member supports.</summary>
    public Capabilities Capabilities { get; private init; } = null!;

    /// <summary>Where the leaf came from.</summary>
    public LeafNodeSource Source { get; private init; }

    /// <summary>When it may be used; for <see cref="LeafNodeSource.KeyPackage"/> alone.</summary>
    public Lifetime Lifetime { get; private init; }

    /// <summary>The hash that binds it to the nodes above; for <see cref="LeafNodeSource.Commit"/> alone.</summary>
    public ByteString ParentHash { get; private init; }

    /// <summary>Extensions of the member.</summary>
    public IReadOnlyList<Extension> Extensions { get; private init; } = [];

    /// <summary>The member's signature over all this, and the group and index where the source demands them.</summary>
    public ByteString Signature { get; private init; }

    /// <summary>The encoding.</summary>
    internal ByteString Encoded { get; private init; }

    /// <summary>The signature key, imported once and kept: <see langword="null"/> when it is not a key of the suite.</summary>
    internal VerifyingKey? ImportSignatureKey(CipherSuite suite) => _verifyingKey ??= suite.Crypto.ImportVerifyingKey(suite.Signature, SignatureKey);

    /// <summary>The encryption key, imported once and kept: <see langword="null"/> when it is not a key of the suite.</summary>
    internal KemPublicKey? ImportEncryptionKey(CipherSuite suite) => _encryptionKey ??= suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, EncryptionKey);

    /// <summary>Everything but the signature and the place in a group.</summary>
    internal sealed record Content(
        ByteString EncryptionKey,
        ByteString SignatureKey,
        Credential Credential,
        Capabilities Capabilities,
        LeafNodeSource Source,
        Lifetime Lifetime,
        ByteString ParentHash,
        IReadOnlyList<Extension> Extensions);

    /// <summary>Signs a leaf.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="content">What it says.</param>
    /// <param name="key">The key of <see cref="SignatureKey"/>.</param>
    /// <param name="place">The group and index; none for a key package.</param>
    internal static LeafNode Sign(CipherSuite suite, Content content, SigningKey key, LeafPlace? place)
    {
        var writer = WireWriter.Growing();
        WriteContent(ref writer, content);
        int length = writer.Length;
        WritePlace(ref writer, content.Source, place);
        ByteString signature = suite.SignWithLabel(key, "LeafNodeTBS"u8, writer.Written);
        byte[] encoded;
        var whole = WireWriter.Growing();
        whole.WriteBytes(writer.Written[..length]);
        whole.WriteVector(signature);
        encoded = whole.ToArray();
        whole.Dispose();
        writer.Dispose();
        return Create(content, signature, ByteString.Owning(encoded));
    }

    /// <summary>Whether the signature is that of the leaf's own key, for this place.</summary>
    /// <remarks>A signature that verified is not verified again: a leaf is looked at when it is proposed, committed and covered.</remarks>
    internal bool VerifySignature(CipherSuite suite, LeafPlace? place)
    {
        if (_verifiedFor is { } verified && verified.Place == place)
            return true;
        if (ImportSignatureKey(suite) is not { } key)
            return false;

        var writer = WireWriter.Growing();
        writer.WriteBytes(Encoded.Span[..^(Varint.SizeOf(Signature.Length) + Signature.Length)]);
        WritePlace(ref writer, Source, place);
        bool valid = CipherSuite.VerifyWithLabel(key, "LeafNodeTBS"u8, writer.Written, Signature);
        writer.Dispose();
        if (valid)
            _verifiedFor = new VerifiedFor(place);
        return valid;
    }

    private sealed record VerifiedFor(LeafPlace? Place);

    /// <inheritdoc/>
    void IStructure.Write(ref WireWriter writer) => writer.WriteBytes(Encoded);

    internal static LeafNode Read(ref WireReader reader)
    {
        int start = reader.Position;
        ByteString encryptionKey = reader.ReadBytes();
        ByteString signatureKey = reader.ReadBytes();
        Credential credential = Credential.Read(ref reader);
        Capabilities capabilities = Capabilities.Read(ref reader);
        var source = (LeafNodeSource)reader.ReadUInt8();
        Lifetime lifetime = default;
        ByteString parentHash = default;
        switch (source)
        {
            case LeafNodeSource.KeyPackage:
                lifetime = new Lifetime(reader.ReadUInt64(), reader.ReadUInt64());
                break;
            case LeafNodeSource.Update:
                break;
            case LeafNodeSource.Commit:
                parentHash = reader.ReadBytes();
                break;
            default:
                reader.Fail();
                break;
        }

        IReadOnlyList<Extension> extensions = reader.ReadList(Extension.Read);
        ByteString signature = reader.ReadBytes();
        var content = new Content(encryptionKey, signatureKey, credential, capabilities, source, lifetime, parentHash, extensions);
        return Create(content, signature, reader.Failed ? default : ByteString.CopyOf(reader.Since(start)));
    }

    private static LeafNode Create(Content content, ByteString signature, ByteString encoded) => new()
    {
        EncryptionKey = content.EncryptionKey,
        SignatureKey = content.SignatureKey,
        Credential = content.Credential,
        Capabilities = content.Capabilities,
        Source = content.Source,
        Lifetime = content.Lifetime,
        ParentHash = content.ParentHash,
        Extensions = content.Extensions,
        Signature = signature,
        Encoded = encoded,
    };

    // struct { HPKEPublicKey encryption_key; SignaturePublicKey signature_key; Credential credential; Capabilities capabilities;
    //          LeafNodeSource leaf_node_source; select { key_package: Lifetime; update: {}; commit: opaque parent_hash<V>; };
    //          Extension extensions<V>; ...
    private static void WriteContent(ref WireWriter writer, Content content)
    {
        writer.WriteVector(content.EncryptionKey);
        writer.WriteVector(content.SignatureKey);
        content.Credential.Write(ref writer);
        content.Capabilities.Write(ref writer);
        writer.WriteUInt8((byte)content.Source);
        switch (content.Source)
        {
            case LeafNodeSource.KeyPackage:
                writer.WriteUInt64(content.Lifetime.NotBefore);
                writer.WriteUInt64(content.Lifetime.NotAfter);
                break;
            case LeafNodeSource.Commit:
                writer.WriteVector(content.ParentHash);
                break;
        }

        writer.WriteList(content.Extensions);
    }

    // LeafNodeTBS: ... select { update, commit: opaque group_id<V>; uint32 leaf_index; }
    private static void WritePlace(ref WireWriter writer, LeafNodeSource source, LeafPlace? place)
    {
        if (source == LeafNodeSource.KeyPackage)
            return;

        LeafPlace known = place ?? throw new ArgumentException("A leaf of an update or commit is signed for its place.", nameof(place));
        writer.WriteVector(known.GroupId);
        writer.WriteUInt32(known.Index.Value);
    }
}

/// <summary>The group and index that a leaf is signed for.</summary>
internal readonly record struct LeafPlace(ByteString GroupId, LeafIndex Index);

/// <summary>The index of a leaf, from 0, counted from the left (RFC 9420 appendix C). Never the index of a node.</summary>
public readonly record struct LeafIndex(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
