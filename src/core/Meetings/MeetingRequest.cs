using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What the service asks the members for.</summary>
public enum RequestKind : byte
{
    /// <summary>To add somebody; in the place of its old leaf when it was a member before.</summary>
    Add = 1,

    /// <summary>To remove a leaf.</summary>
    Remove = 2,

    /// <summary>That a member gives itself new keys.</summary>
    Update = 3,

    /// <summary>To put a changed policy in force, for a host.</summary>
    Policy = 4,
}

/// <summary>Why somebody comes or goes, as the service says. What a host caused is proven by its signature.</summary>
public enum RosterCause : byte
{
    /// <summary>The service decided it, such as through its pages.</summary>
    Service = 1,

    /// <summary>A host did.</summary>
    Host = 2,

    /// <summary>The participant itself.</summary>
    Own = 3,

    /// <summary>It was lost: disconnected, or never ready.</summary>
    Lost = 4,
}

/// <summary>One thing that the service asks the members for.</summary>
public sealed record MeetingRequest : IStructure
{
    /// <summary>No leaf: of an Add of one who is not in the group, and of a policy.</summary>
    public const uint NoLeaf = uint.MaxValue;

    /// <summary>Its number, never used twice by the same service.</summary>
    public required ulong Id { get; init; }

    /// <summary>What is asked for.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>Why.</summary>
    public RosterCause Cause { get; init; } = RosterCause.Service;

    /// <summary>The leaf to remove or update, or the old leaf of the one to be added; else <see cref="NoLeaf"/>.</summary>
    public uint Leaf { get; init; } = NoLeaf;

    /// <summary>The key package of the one to be added, as an MLSMessage; else empty.</summary>
    public ByteString KeyPackage { get; init; }

    /// <summary>The host actions that it rests on, for the commit's authenticated data.</summary>
    public IReadOnlyList<SignedHostAction> Actions { get; init; } = [];

    /// <summary>Milliseconds from its receipt until somebody may commit it.</summary>
    public uint NotBefore { get; init; }

    /// <summary>Milliseconds from its receipt until it is withdrawn; 0 for never.</summary>
    public uint Deadline { get; init; }

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt64(Id);
        writer.WriteUInt8((byte)Kind);
        writer.WriteUInt8((byte)Cause);
        writer.WriteUInt32(Leaf);
        writer.WriteVector(KeyPackage);
        writer.WriteList(Actions);
        writer.WriteUInt32(NotBefore);
        writer.WriteUInt32(Deadline);
    }

    internal static MeetingRequest Read(ref WireReader reader)
    {
        var request = new MeetingRequest
        {
            Id = reader.ReadUInt64(),
            Kind = (RequestKind)reader.ReadUInt8(),
            Cause = (RosterCause)reader.ReadUInt8(),
            Leaf = reader.ReadUInt32(),
            KeyPackage = reader.ReadOpaque(Limits.KeyPackage),
            Actions = reader.ReadList(SignedHostAction.Read, Limits.HostActions),
            NotBefore = reader.ReadUInt32(),
            Deadline = reader.ReadUInt32(),
        };
        bool known = request.Kind is >= RequestKind.Add and <= RequestKind.Policy && request.Cause is >= RosterCause.Service and <= RosterCause.Lost;
        bool whole = request.KeyPackage.IsEmpty == (request.Kind != RequestKind.Add);
        bool placed = request.Kind is RequestKind.Add || (request.Leaf == NoLeaf) == (request.Kind == RequestKind.Policy);
        if (!known || !whole || !placed)
            reader.Fail();
        return request;
    }
}

/// <summary>One who waits to be let in, as the hosts see it.</summary>
/// <param name="Credential">Its certificates in DER, its own first. Its name and key are those of its own certificate.</param>
public sealed record LobbyEntry(IReadOnlyList<ByteString> Credential) : IStructure
{
    void IStructure.Write(ref WireWriter writer) => writer.WriteOpaqueList(Credential);

    internal static LobbyEntry Read(ref WireReader reader) =>
        new(reader.ReadOpaqueList(CertificateChain.MaxLength, CertificateChain.MaxCertificateSize));
}

/// <summary>Why a leaf went, as the service says.</summary>
/// <param name="Leaf">The leaf.</param>
/// <param name="Cause">Why.</param>
public readonly record struct LeafCause(uint Leaf, RosterCause Cause) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt32(Leaf);
        writer.WriteUInt8((byte)Cause);
    }

    internal static LeafCause Read(ref WireReader reader)
    {
        var read = new LeafCause(reader.ReadUInt32(), (RosterCause)reader.ReadUInt8());
        if (read.Cause is < RosterCause.Service or > RosterCause.Lost)
            reader.Fail();
        return read;
    }
}
