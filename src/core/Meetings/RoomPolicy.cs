using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>Of what kind a meeting is. It never changes during the meeting.</summary>
public enum MeetingClass : byte
{
    /// <summary>Encrypted to the service, which can read it.</summary>
    Encrypted = 1,

    /// <summary>Encrypted from end to end.</summary>
    EndToEnd = 2,
}

/// <summary>One who may sign host actions.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Anchor">SHA-256 of the SubjectPublicKeyInfo of the anchor that its chain leads to.</param>
public readonly record struct MeetingHost(ParticipantName Name, ByteString Anchor) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        ((IStructure)Name).Write(ref writer);
        writer.WriteBytes(Anchor);
    }

    internal static MeetingHost Read(ref WireReader reader) => new(ParticipantName.Read(ref reader), reader.ReadFixed(Limits.Digest));
}

/// <summary>One who was put out.</summary>
/// <param name="Who">Key and name: each of them alone keeps out.</param>
/// <param name="Epoch">The epoch that ended by it. An admission signed in a later one lets in again.</param>
public readonly record struct EjectedParticipant(Participant Who, ulong Epoch) : IStructure
{
    void IStructure.Write(ref WireWriter writer)
    {
        ((IStructure)Who).Write(ref writer);
        writer.WriteUInt64(Epoch);
    }

    internal static EjectedParticipant Read(ref WireReader reader) => new(Participant.Read(ref reader), reader.ReadUInt64());
}

/// <summary>What all members of a meeting have agreed on about it: the required extension <c>room_policy</c> of the group context. Immutable.</summary>
public sealed record RoomPolicy : IStructure
{
    /// <summary>The type of the extension, for private use (RFC 9420 section 17.3).</summary>
    public const ExtensionType ExtensionType = (ExtensionType)0xf0a1;

    /// <summary>The one layout of KIDs: context &lt;&lt; 18 | leaf &lt;&lt; 8 | epoch mod 256.</summary>
    public const byte KidLayout = 1;

    private const byte Version = 1;

    /// <summary>Which group it is the policy of.</summary>
    public required GroupName Name { get; init; }

    /// <summary>Of what kind the meeting is.</summary>
    public MeetingClass Class { get; init; } = MeetingClass.EndToEnd;

    /// <summary>The SFrame suite (RFC 9605 section 8.1).</summary>
    public ushort FrameSuite { get; init; } = 0x0005;

    /// <summary>Whether nobody enters for whom no host has signed.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Whether nobody new enters.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Who may sign host actions. No two are the same.</summary>
    public IReadOnlyList<MeetingHost> Hosts { get; init; } = [];

    /// <summary>SHA-256 of the SubjectPublicKeyInfo of each anchor that chains of members may lead to. No two are the same.</summary>
    public IReadOnlyList<ByteString> Anchors { get; init; } = [];

    /// <summary>Who was put out. Nobody is in it twice.</summary>
    public IReadOnlyList<EjectedParticipant> Ejected { get; init; } = [];

    /// <summary>Reads the policy of a group: <see langword="null"/> when it has none or a bad one.</summary>
    public static RoomPolicy? Find(IReadOnlyList<Extension> extensions) =>
        extensions.TryFind(ExtensionType, out Extension? extension) ? Decode(extension.Data) : null;

    /// <summary>Decodes a policy: <see langword="null"/> when the bytes are not one.</summary>
    public static RoomPolicy? Decode(ReadOnlySpan<byte> bytes) => Structure.Decode(bytes, Read);

    /// <summary>The encoding.</summary>
    public ByteString Encode() => Structure.Encode(this);

    /// <summary>The extensions of a group context with this policy: itself, and that everyone must understand it and present certificates.</summary>
    public IReadOnlyList<Extension> ToExtensions() =>
    [
        new RequiredCapabilities([(ushort)ExtensionType], [], [(ushort)CredentialType.X509]).ToExtension(),
        new Extension(ExtensionType, Encode()),
    ];

    /// <summary>The last epoch whose end put somebody out, by key or by name: <see langword="null"/> when none did.</summary>
    public ulong? EjectedAt(Participant who)
    {
        ulong? last = null;
        foreach (EjectedParticipant ejected in Ejected)
        {
            bool same = ejected.Who.KeyHash == who.KeyHash || ejected.Who.Name == who.Name;
            if (same && (last is null || ejected.Epoch > last))
                last = ejected.Epoch;
        }

        return last;
    }

    /// <summary>The policy when somebody was put out at the end of <paramref name="epoch"/>.</summary>
    public RoomPolicy WithEjected(Participant who, ulong epoch) =>
        this with { Ejected = [.. Ejected.Where(ejected => ejected.Who != who), new EjectedParticipant(who, epoch)] };

    /// <summary>The policy with which the group is founded anew.</summary>
    public RoomPolicy ForGeneration(uint generation) => this with { Name = Name with { Generation = generation } };

    /// <summary>Whether both say the same.</summary>
    public bool Equals(RoomPolicy? other) => other is not null && Encode() == other.Encode();

    /// <inheritdoc/>
    public override int GetHashCode() => Encode().GetHashCode();

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteVector(Name.MeetingId);
        writer.WriteBytes(Name.Instance);
        writer.WriteUInt32(Name.Generation);
        writer.WriteUInt8((byte)Class);
        writer.WriteUInt16(FrameSuite);
        writer.WriteUInt8(KidLayout);
        writer.WriteBoolean(IsStrict);
        writer.WriteBoolean(IsLocked);
        writer.WriteList(Hosts);
        int start = writer.BeginVector();
        foreach (ByteString anchor in Anchors)
            writer.WriteBytes(anchor);
        writer.EndVector(start);
        writer.WriteList(Ejected);
    }

    // struct { uint8 version; opaque meeting_id<V>; opaque instance[16]; uint32 generation; uint8 class; uint16 sframe_suite; uint8 kid_layout;
    //          uint8 strict; uint8 locked; Host hosts<V>; opaque anchors[32]<V>; Ejected ejected<V>; }
    internal static RoomPolicy Read(ref WireReader reader)
    {
        if (reader.ReadUInt8() != Version)
            reader.Fail();

        var name = new GroupName(reader.ReadOpaque(Limits.MeetingId, 1), reader.ReadFixed(Limits.Instance), reader.ReadUInt32());
        var meetingClass = (MeetingClass)reader.ReadUInt8();
        ushort suite = reader.ReadUInt16();
        if (meetingClass is not (MeetingClass.Encrypted or MeetingClass.EndToEnd) || reader.ReadUInt8() != KidLayout)
            reader.Fail();

        var policy = new RoomPolicy
        {
            Name = name,
            Class = meetingClass,
            FrameSuite = suite,
            IsStrict = reader.ReadBoolean(),
            IsLocked = reader.ReadBoolean(),
            Hosts = reader.ReadList(MeetingHost.Read, Limits.Hosts),
            Anchors = reader.ReadList(static (ref WireReader r) => r.ReadFixed(Limits.Digest), Limits.Anchors),
            Ejected = reader.ReadList(EjectedParticipant.Read, Limits.Ejected),
        };
        if (!policy.Hosts.AreDistinct() || !policy.Anchors.AreDistinct() || !policy.Ejected.Select(ejected => ejected.Who).ToArray().AreDistinct())
            reader.Fail();
        return policy;
    }
}
