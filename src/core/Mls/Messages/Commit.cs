using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>An encryption to one public key (RFC 9420 section 7.6).</summary>
public sealed record HpkeCiphertext(ByteString KemOutput, ByteString Ciphertext) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteVector(KemOutput);
        writer.WriteVector(Ciphertext);
    }

    internal static HpkeCiphertext Read(ref WireReader reader) => new(reader.ReadBytes(), reader.ReadBytes());
}

/// <summary>A new public key of one node of the committer's path, and its path secret encrypted to each node of the copath's resolution (section 7.6).</summary>
internal sealed record UpdatePathNode(ByteString EncryptionKey, IReadOnlyList<HpkeCiphertext> EncryptedPathSecret) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        writer.WriteVector(EncryptionKey);
        writer.WriteList(EncryptedPathSecret);
    }

    public static UpdatePathNode Read(ref WireReader reader) => new(reader.ReadBytes(), reader.ReadList(HpkeCiphertext.Read));
}

/// <summary>The new keys of the committer's path, from the leaf up (section 7.6).</summary>
internal sealed record UpdatePath(LeafNode LeafNode, IReadOnlyList<UpdatePathNode> Nodes) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        writer.WriteBytes(LeafNode.Encoded);
        writer.WriteList(Nodes);
    }

    public static UpdatePath Read(ref WireReader reader) => new(LeafNode.Read(ref reader), reader.ReadList(UpdatePathNode.Read));
}

/// <summary>A proposal in a commit: itself, or the reference of one that was sent before (section 12.4).</summary>
internal sealed record ProposalOrRef(Proposal? Proposal, ByteString Reference) : IStructure
{
    private const byte ByValue = 1;
    private const byte ByReference = 2;

    public void Write(ref WireWriter writer)
    {
        if (Proposal is not null)
        {
            writer.WriteUInt8(ByValue);
            Proposal.Write(ref writer);
        }
        else
        {
            writer.WriteUInt8(ByReference);
            writer.WriteVector(Reference);
        }
    }

    public static ProposalOrRef Read(ref WireReader reader)
    {
        switch (reader.ReadUInt8())
        {
            case ByValue:
                return new ProposalOrRef(Proposal.Read(ref reader), default);
            case ByReference:
                return new ProposalOrRef(null, reader.ReadBytes());
            default:
                reader.Fail();
                return new ProposalOrRef(null, default);
        }
    }
}

/// <summary>The step from one epoch to the next (section 12.4).</summary>
internal sealed record Commit(IReadOnlyList<ProposalOrRef> Proposals, UpdatePath? Path) : IStructure
{
    public void Write(ref WireWriter writer)
    {
        writer.WriteList(Proposals);
        writer.WriteOptional(Path);
    }

    public static Commit Read(ref WireReader reader) => new(reader.ReadList(ProposalOrRef.Read), reader.ReadOptional(UpdatePath.Read));
}
