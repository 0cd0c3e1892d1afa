using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>Types of proposals (RFC 9420 section 17.4).</summary>
public enum ProposalType : ushort
{
    /// <summary>Takes a client in.</summary>
    Add = 0x0001,

    /// <summary>Replaces the sender's leaf.</summary>
    Update = 0x0002,

    /// <summary>Puts a member out.</summary>
    Remove = 0x0003,

    /// <summary>Mixes a pre-shared key into the key schedule.</summary>
    PreSharedKey = 0x0004,

    /// <summary>Closes the group in favour of one with other parameters.</summary>
    ReInit = 0x0005,

    /// <summary>Carries the encapsulated key of an external commit.</summary>
    ExternalInit = 0x0006,

    /// <summary>Replaces the extensions of the group context.</summary>
    GroupContextExtensions = 0x0007,
}

/// <summary>A change to the group that someone asks for (RFC 9420 section 12.1). Takes effect when a commit covers it.</summary>
public abstract record Proposal : IStructure
{
    private protected Proposal()
    {
    }

    /// <summary>Which kind of change.</summary>
    public abstract ProposalType Type { get; }

    void IStructure.Write(ref WireWriter writer) => Write(ref writer);

    internal void Write(ref WireWriter writer)
    {
        writer.WriteUInt16((ushort)Type);
        WriteBody(ref writer);
    }

    private protected abstract void WriteBody(ref WireWriter writer);

    internal static Proposal Read(ref WireReader reader)
    {
        var type = (ProposalType)reader.ReadUInt16();
        switch (type)
        {
            case ProposalType.Add:
                return new AddProposal(KeyPackage.Read(ref reader));
            case ProposalType.Update:
                return new UpdateProposal(LeafNode.Read(ref reader));
            case ProposalType.Remove:
                return new RemoveProposal(new LeafIndex(reader.ReadUInt32()));
            case ProposalType.PreSharedKey:
                return new PreSharedKeyProposal(PreSharedKeyId.Read(ref reader));
            case ProposalType.ReInit:
                return new ReInitProposal(reader.ReadBytes(), reader.ReadUInt16(), (CipherSuiteId)reader.ReadUInt16(), reader.ReadList(Extension.Read));
            case ProposalType.ExternalInit:
                return new ExternalInitProposal(reader.ReadBytes());
            case ProposalType.GroupContextExtensions:
                return new GroupContextExtensionsProposal(reader.ReadList(Extension.Read));
            default:
                // Without knowing the type nobody knows where it ends.
                reader.Fail();
                return new RemoveProposal(default);
        }
    }
}

/// <summary>Takes a client in (section 12.1.1).</summary>
public sealed record AddProposal(KeyPackage KeyPackage) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Add;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteBytes(KeyPackage.Encoded);
}

/// <summary>Replaces the sender's leaf (section 12.1.2).</summary>
public sealed record UpdateProposal(LeafNode LeafNode) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Update;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteBytes(LeafNode.Encoded);
}

/// <summary>Puts a member out (section 12.1.3).</summary>
public sealed record RemoveProposal(LeafIndex Removed) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.Remove;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteUInt32(Removed.Value);
}

/// <summary>Mixes a pre-shared key into the key schedule (section 12.1.4).</summary>
public sealed record PreSharedKeyProposal(PreSharedKeyId Psk) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.PreSharedKey;

    private protected override void WriteBody(ref WireWriter writer) => ((IStructure)Psk).Write(ref writer);
}

/// <summary>Closes the group in favour of one with other parameters (section 12.1.5).</summary>
public sealed record ReInitProposal(ByteString GroupId, ushort Version, CipherSuiteId CipherSuite, IReadOnlyList<Extension> Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.ReInit;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteVector(GroupId);
        writer.WriteUInt16(Version);
        writer.WriteUInt16((ushort)CipherSuite);
        writer.WriteList(Extensions);
    }
}

/// <summary>Carries the encapsulated key of an external commit (section 12.1.6).</summary>
public sealed record ExternalInitProposal(ByteString KemOutput) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.ExternalInit;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteVector(KemOutput);
}

/// <summary>Replaces the extensions of the group context (section 12.1.7).</summary>
public sealed record GroupContextExtensionsProposal(IReadOnlyList<Extension> Extensions) : Proposal
{
    /// <inheritdoc/>
    public override ProposalType Type => ProposalType.GroupContextExtensions;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteList(Extensions);
}

/// <summary>Where a pre-shared key comes from (RFC 9420 section 8.4).</summary>
public enum PskType : byte
{
    /// <summary>From outside MLS.</summary>
    External = 1,

    /// <summary>From an earlier epoch of this or another group.</summary>
    Resumption = 2,
}

/// <summary>What a resumption pre-shared key is for (RFC 9420 section 8.4).</summary>
public enum ResumptionPskUsage : byte
{
    /// <summary>The application's own purpose.</summary>
    Application = 1,

    /// <summary>The first epoch of a group that replaces another.</summary>
    ReInit = 2,

    /// <summary>The first epoch of a group that branches off another.</summary>
    Branch = 3,
}

/// <summary>Names a pre-shared key for one use (RFC 9420 section 8.4).</summary>
/// <param name="Type">Where it comes from.</param>
/// <param name="ExternalId">For <see cref="PskType.External"/> its name.</param>
/// <param name="Usage">For <see cref="PskType.Resumption"/> what it is for.</param>
/// <param name="GroupId">For <see cref="PskType.Resumption"/> the group.</param>
/// <param name="Epoch">For <see cref="PskType.Resumption"/> the epoch of that group.</param>
/// <param name="Nonce">As many random bytes as a hash has, new for each use.</param>
public sealed record PreSharedKeyId(PskType Type, ByteString ExternalId, ResumptionPskUsage Usage, ByteString GroupId, ulong Epoch, ByteString Nonce) : IStructure
{
    /// <summary>Names an external key.</summary>
    public static PreSharedKeyId External(ByteString id, ByteString nonce) => new(PskType.External, id, default, default, 0, nonce);

    /// <summary>Names the key of an earlier epoch.</summary>
    public static PreSharedKeyId Resumption(ResumptionPskUsage usage, ByteString groupId, ulong epoch, ByteString nonce) =>
        new(PskType.Resumption, default, usage, groupId, epoch, nonce);

    /// <summary>The key that is named, whatever the use: equal for the same key.</summary>
    internal PreSharedKeyId WithoutNonce => this with { Nonce = default };

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8((byte)Type);
        if (Type == PskType.External)
        {
            writer.WriteVector(ExternalId);
        }
        else
        {
            writer.WriteUInt8((byte)Usage);
            writer.WriteVector(GroupId);
            writer.WriteUInt64(Epoch);
        }

        writer.WriteVector(Nonce);
    }

    internal static PreSharedKeyId Read(ref WireReader reader)
    {
        switch ((PskType)reader.ReadUInt8())
        {
            case PskType.External:
                return External(reader.ReadBytes(), reader.ReadBytes());
            case PskType.Resumption:
                var usage = (ResumptionPskUsage)reader.ReadUInt8();
                if (usage is < ResumptionPskUsage.Application or > ResumptionPskUsage.Branch)
                    reader.Fail();
                return Resumption(usage, reader.ReadBytes(), reader.ReadUInt64(), reader.ReadBytes());
            default:
                reader.Fail();
                return External(default, default);
        }
    }
}
