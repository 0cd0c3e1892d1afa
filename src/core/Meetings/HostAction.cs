using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What a host decides.</summary>
public enum HostActionKind : byte
{
    /// <summary>Somebody may enter.</summary>
    Admit = 1,

    /// <summary>Somebody is put out.</summary>
    Eject = 2,

    /// <summary>Nobody new may enter.</summary>
    Lock = 3,

    /// <summary>New ones may enter again.</summary>
    Unlock = 4,
}

/// <summary>A decision of a host about one group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Kind">What it decides.</param>
/// <param name="Target">About whom: <see langword="null"/> for lock and unlock.</param>
/// <param name="SignedEpoch">The epoch in which it decided so. An eject, a lock and an unlock are good for the end of that epoch alone.</param>
/// <param name="Random">16 bytes that no other action has.</param>
public sealed record HostAction(ByteString GroupId, HostActionKind Kind, Participant? Target, ulong SignedEpoch, ByteString Random) : IStructure
{
    private const byte Version = 1;
    private const int RandomSize = 16;

    /// <summary>Makes an action.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="kind">What is decided.</param>
    /// <param name="target">About whom; none for lock and unlock.</param>
    /// <param name="epoch">The present epoch.</param>
    /// <param name="random">Where its random bytes come from.</param>
    /// <exception cref="ArgumentException">An action about nobody needs somebody, or the other way round.</exception>
    public static HostAction Create(ByteString groupId, HostActionKind kind, Participant? target, ulong epoch, IRandom random)
    {
        if (NeedsTarget(kind) != target.HasValue)
            throw new ArgumentException($"{kind} with{(target.HasValue ? "" : "out")} a target.", nameof(target));

        byte[] bytes = new byte[RandomSize];
        random.Fill(bytes);
        return new HostAction(groupId, kind, target, epoch, ByteString.Owning(bytes));
    }

    /// <summary>Whether the kind is about somebody.</summary>
    public static bool NeedsTarget(HostActionKind kind) => kind is HostActionKind.Admit or HostActionKind.Eject;

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteVector(GroupId);
        writer.WriteUInt8((byte)Kind);
        if (Target is { } target)
            ((IStructure)target).Write(ref writer);
        writer.WriteUInt64(SignedEpoch);
        writer.WriteBytes(Random);
    }

    // struct { uint8 version; opaque group_id<V>; uint8 action; select (action) { admit, eject: Participant target; };
    //          uint64 signed_epoch; opaque random[16]; }
    internal static HostAction Read(ref WireReader reader)
    {
        if (reader.ReadUInt8() != Version)
            reader.Fail();

        ByteString groupId = reader.ReadOpaque(Limits.Digest, Limits.Digest);
        var kind = (HostActionKind)reader.ReadUInt8();
        if (kind is < HostActionKind.Admit or > HostActionKind.Unlock)
            reader.Fail();

        Participant? target = NeedsTarget(kind) ? Participant.Read(ref reader) : null;
        return new HostAction(groupId, kind, target, reader.ReadUInt64(), reader.ReadFixed(RandomSize));
    }
}

/// <summary>An action as it travels: with the signature of the host's leaf key and the host's chain, so that the host need not be present.</summary>
/// <param name="Action">The action.</param>
/// <param name="Chain">The host's certificates in DER, its own first.</param>
/// <param name="Signature">SignWithLabel (RFC 9420 section 5.1.2) under "RoomAgent HostAction".</param>
public sealed record SignedHostAction(HostAction Action, IReadOnlyList<ByteString> Chain, ByteString Signature) : IStructure
{
    private const byte ListVersion = 1;

    private static ReadOnlySpan<byte> Label => "RoomAgent HostAction"u8;

    /// <summary>Signs an action.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="action">The action.</param>
    /// <param name="credential">The host's credential.</param>
    /// <param name="key">The key of its leaf.</param>
    public static SignedHostAction Sign(CipherSuite suite, HostAction action, Credential credential, SigningKey key) =>
        new(action, credential.Certificates, suite.SignWithLabel(key, Label, Structure.Encode(action)));

    /// <summary>Checks an action: that it is about this group, that its signer is a host of the policy, and the signature.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="identities">Who decides on the host's chain.</param>
    public Refusal? Verify(CipherSuite suite, ByteString groupId, RoomPolicy policy, IMeetingIdentities identities)
    {
        if (Action.GroupId != groupId)
            return MeetingRules.ActionGroup;

        Credential credential = Credential.X509(Chain);
        if (CertificateChain.Read(credential, out CertificateChain? chain) is not null)
            return MeetingRules.ActionSigner;

        // A name alone is cheap to compare, so strangers cost no path.
        var name = ParticipantName.Of(chain!.Name);
        if (!policy.Hosts.Any(host => host.Name == name))
            return MeetingRules.ActionSigner;
        if (identities.AnchorOf(credential, chain.Leaf.PublicKey) is not { } anchor || !policy.Hosts.Contains(new MeetingHost(name, anchor)))
            return MeetingRules.ActionSigner;

        using VerifyingKey? key = suite.Crypto.ImportVerifyingKey(suite.Signature, chain.Leaf.PublicKey);
        if (key is null || !CipherSuite.VerifyWithLabel(key, Label, Structure.Encode(Action), Signature))
            return MeetingRules.ActionSignature;
        return null;
    }

    /// <summary>Whether this admits somebody who was not put out since (in or after the epoch in which it was signed).</summary>
    public bool Admits(Participant who, RoomPolicy policy) =>
        Action.Kind == HostActionKind.Admit && Action.Target == who && !(policy.EjectedAt(who) >= Action.SignedEpoch);

    /// <summary>Decodes one action: <see langword="null"/> when the bytes are not one.</summary>
    public static SignedHostAction? Decode(ReadOnlySpan<byte> bytes) => Structure.Decode(bytes, Read);

    /// <summary>The encoding of one action.</summary>
    public ByteString Encode() => Structure.Encode(this);

    /// <summary>Decodes the actions in a commit's authenticated_data: none in none, <see langword="null"/> when it is something else.</summary>
    public static IReadOnlyList<SignedHostAction>? DecodeList(ReadOnlySpan<byte> authenticatedData)
    {
        if (authenticatedData.IsEmpty)
            return [];

        var reader = new WireReader(authenticatedData);
        if (reader.ReadUInt8() != ListVersion)
            reader.Fail();
        IReadOnlyList<SignedHostAction> actions = reader.ReadList(Read, Limits.HostActions);
        return reader.Complete && actions.Count > 0 ? actions : null;
    }

    /// <summary>The actions as a commit's authenticated_data.</summary>
    public static ByteString EncodeList(IReadOnlyList<SignedHostAction> actions)
    {
        if (actions.Count == 0)
            return default;

        var writer = WireWriter.Growing();
        writer.WriteUInt8(ListVersion);
        writer.WriteList(actions);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    /// <summary>Whether both are the same to the byte.</summary>
    public bool Equals(SignedHostAction? other) => other is not null && Encode() == other.Encode();

    /// <inheritdoc/>
    public override int GetHashCode() => Signature.GetHashCode();

    void IStructure.Write(ref WireWriter writer)
    {
        ((IStructure)Action).Write(ref writer);
        writer.WriteOpaqueList(Chain);
        writer.WriteVector(Signature);
    }

    // struct { HostAction action; opaque certificates<V><V>; opaque signature<V>; }
    internal static SignedHostAction Read(ref WireReader reader) => new(
        HostAction.Read(ref reader),
        reader.ReadOpaqueList(CertificateChain.MaxLength, CertificateChain.MaxCertificateSize),
        reader.ReadOpaque(Limits.Signature, 1));
}
