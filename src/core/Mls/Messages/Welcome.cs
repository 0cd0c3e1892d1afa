using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What all members agree on in an epoch (RFC 9420 section 8.1).</summary>
public sealed record GroupContext(
    CipherSuiteId CipherSuite,
    ByteString GroupId,
    ulong Epoch,
    ByteString TreeHash,
    ByteString ConfirmedTranscriptHash,
    IReadOnlyList<Extension> Extensions) : IStructure
{
    void IStructure.Write(ref WireWriter writer) => Write(ref writer);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt16(ProtocolVersion.Mls10);
        writer.WriteUInt16((ushort)CipherSuite);
        writer.WriteVector(GroupId);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(TreeHash);
        writer.WriteVector(ConfirmedTranscriptHash);
        writer.WriteList(Extensions);
    }

    internal static GroupContext Read(ref WireReader reader)
    {
        if (reader.ReadUInt16() != ProtocolVersion.Mls10)
            reader.Fail();

        return new GroupContext(
            (CipherSuiteId)reader.ReadUInt16(),
            reader.ReadBytes(),
            reader.ReadUInt64(),
            reader.ReadBytes(),
            reader.ReadBytes(),
            reader.ReadList(Extension.Read));
    }
}

/// <summary>An epoch as a member presents it to joiners (RFC 9420 section 12.4.3), as it was decoded or made.</summary>
public sealed record GroupInfo(GroupContext GroupContext, IReadOnlyList<Extension> Extensions, ByteString ConfirmationTag, LeafIndex Signer, ByteString Signature) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        WriteToBeSigned(ref writer);
        writer.WriteVector(Signature);
    }

    internal static GroupInfo Sign(CipherSuite suite, GroupInfo unsigned, SigningKey key)
    {
        var writer = WireWriter.Growing();
        unsigned.WriteToBeSigned(ref writer);
        GroupInfo signed = unsigned with { Signature = suite.SignWithLabel(key, "GroupInfoTBS"u8, writer.Written) };
        writer.Dispose();
        return signed;
    }

    internal bool VerifySignature(VerifyingKey key)
    {
        var writer = WireWriter.Growing();
        WriteToBeSigned(ref writer);
        bool valid = CipherSuite.VerifyWithLabel(key, "GroupInfoTBS"u8, writer.Written, Signature);
        writer.Dispose();
        return valid;
    }

    internal static GroupInfo Read(ref WireReader reader) =>
        new(GroupContext.Read(ref reader), reader.ReadList(Extension.Read), reader.ReadBytes(), new LeafIndex(reader.ReadUInt32()), reader.ReadBytes());

    private void WriteToBeSigned(ref WireWriter writer)
    {
        GroupContext.Write(ref writer);
        writer.WriteList(Extensions);
        writer.WriteVector(ConfirmationTag);
        writer.WriteUInt32(Signer.Value);
    }
}

/// <summary>What a Welcome tells one joiner in secret (section 12.4.3.1). Disposing of it zeroes the secrets.</summary>
internal sealed class GroupSecrets(Secret joinerSecret, Secret? pathSecret, IReadOnlyList<PreSharedKeyId> psks) : IStructure, IDisposable
{
    public Secret JoinerSecret { get; } = joinerSecret;

    public Secret? PathSecret { get; } = pathSecret;

    public IReadOnlyList<PreSharedKeyId> Psks { get; } = psks;

    public void Write(ref WireWriter writer)
    {
        writer.WriteVector(JoinerSecret.Bytes);
        writer.WriteUInt8(PathSecret is null ? (byte)0 : (byte)1);
        if (PathSecret is not null)
            writer.WriteVector(PathSecret.Bytes);
        writer.WriteList(Psks);
    }

    public static GroupSecrets Read(ref WireReader reader)
    {
        Secret joinerSecret = Secret.CopyOf(reader.ReadVector());
        Secret? pathSecret = reader.ReadOptional(static (ref WireReader r) => Secret.CopyOf(r.ReadVector()));
        return new GroupSecrets(joinerSecret, pathSecret, reader.ReadList(PreSharedKeyId.Read));
    }

    public void Dispose()
    {
        JoinerSecret.Dispose();
        PathSecret?.Dispose();
    }
}

/// <summary>The secrets of one joiner, encrypted to its key package (section 12.4.3.1).</summary>
internal sealed record EncryptedGroupSecrets(ByteString NewMember, HpkeCiphertext Ciphertext) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        writer.WriteVector(NewMember);
        ((IStructure)Ciphertext).Write(ref writer);
    }

    public static EncryptedGroupSecrets Read(ref WireReader reader) => new(reader.ReadBytes(), HpkeCiphertext.Read(ref reader));
}

/// <summary>What those who were added need to take part (RFC 9420 section 12.4.3.1), as it was decoded or made.</summary>
public sealed record Welcome : IStructure
{
    internal Welcome(CipherSuiteId cipherSuite, IReadOnlyList<EncryptedGroupSecrets> secrets, ByteString encryptedGroupInfo)
    {
        CipherSuite = cipherSuite;
        Secrets = secrets;
        EncryptedGroupInfo = encryptedGroupInfo;
    }

    /// <summary>The number of the group's suite.</summary>
    public CipherSuiteId CipherSuite { get; }

    /// <summary>The key packages it is for, by their references.</summary>
    public IEnumerable<ByteString> NewMembers => Secrets.Select(secret => secret.NewMember);

    internal IReadOnlyList<EncryptedGroupSecrets> Secrets { get; }

    internal ByteString EncryptedGroupInfo { get; }

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt16((ushort)CipherSuite);
        writer.WriteList(Secrets);
        writer.WriteVector(EncryptedGroupInfo);
    }

    internal static Welcome Read(ref WireReader reader) =>
        new((CipherSuiteId)reader.ReadUInt16(), reader.ReadList(EncryptedGroupSecrets.Read), reader.ReadBytes());
}
