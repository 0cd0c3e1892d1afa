using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What a client says to the service about one occurrence of a meeting.</summary>
public abstract record ClientMessage : IStructure
{
    private protected ClientMessage()
    {
    }

    private protected abstract byte Type { get; }

    /// <summary>Decodes a message: <see langword="null"/> when the bytes are not one.</summary>
    public static ClientMessage? Decode(ReadOnlySpan<byte> bytes) => bytes.Length > Limits.Message ? null : Structure.Decode(bytes, Read);

    /// <summary>The encoding.</summary>
    public ByteString Encode() => Structure.Encode(this);

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8(Type);
        WriteBody(ref writer);
    }

    private protected abstract void WriteBody(ref WireWriter writer);

    // struct { uint8 type; select (type) { ... }; }
    internal static ClientMessage Read(ref WireReader reader)
    {
        switch (reader.ReadUInt8())
        {
            case Hello.Number:
                return Hello.ReadBody(ref reader);
            case PublishKeyPackages.Number:
                return PublishKeyPackages.ReadBody(ref reader);
            case JoinRequest.Number:
                return new JoinRequest(reader.ReadList(SignedHostAction.Read, Limits.HostActions));
            case Found.Number:
                return new Found(reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadOpaque(Limits.Handshake, 1));
            case CommitUpload.Number:
                return CommitUpload.ReadBody(ref reader);
            case AskGroup.Number:
                return new AskGroup();
            case Relay.Number:
                return new Relay(reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadOpaque(Limits.Relayed, 1));
            case Ready.Number:
                return new Ready(reader.ReadUInt32(), reader.ReadUInt64());
            case Refuse.Number:
                return new Refuse(reader.ReadUInt64(), (ClientCode)reader.ReadUInt16());
            case Report.Number:
                return new Report(reader.ReadUInt64(), (ClientCode)reader.ReadUInt16());
            case LeaveMeeting.Number:
                return new LeaveMeeting();
            case HostActionUpload.Number:
                return new HostActionUpload(reader.ReadUInt64(), SignedHostAction.Read(ref reader));
            case Ping.Number:
                return new Ping(reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadBoolean());
            default:
                reader.Fail();
                return new LeaveMeeting();
        }
    }
}

/// <summary>What a client finds wrong.</summary>
public enum ClientCode : ushort
{
    /// <summary>It cannot be decoded, or breaks a rule of MLS.</summary>
    Unprocessable = 1,

    /// <summary>It breaks a rule of meetings.</summary>
    Inadmissible = 2,

    /// <summary>A local policy does not want it.</summary>
    Policy = 3,
}

/// <summary>Opens the conversation, and asks for what was missed.</summary>
/// <param name="Instance">The occurrence.</param>
/// <param name="LastSeq">The last entry of the log that was taken; 0 for none.</param>
/// <param name="Capabilities">A bit for each thing that later versions add; 0 today.</param>
/// <param name="SignatureKey">The key by which the client would be found in the tree.</param>
public sealed record Hello(ByteString Instance, ulong LastSeq, uint Capabilities, ByteString SignatureKey) : ClientMessage
{
    internal const byte Number = 1;
    private const int LongestKey = 256;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteBytes(Instance);
        writer.WriteUInt64(LastSeq);
        writer.WriteUInt32(Capabilities);
        writer.WriteVector(SignatureKey);
    }

    internal static Hello ReadBody(ref WireReader reader) =>
        new(reader.ReadFixed(Limits.Instance), reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadOpaque(LongestKey, 1));
}

/// <summary>Leaves key packages with the service, in the place of those that it had.</summary>
/// <param name="KeyPackages">To be used once each, as MLSMessages: up to <see cref="Limits.KeyPackages"/>.</param>
/// <param name="LastResort">To be used when no other is left; may be empty.</param>
public sealed record PublishKeyPackages(IReadOnlyList<ByteString> KeyPackages, ByteString LastResort) : ClientMessage
{
    internal const byte Number = 2;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteOpaqueList(KeyPackages);
        writer.WriteVector(LastResort);
    }

    internal static PublishKeyPackages ReadBody(ref WireReader reader) =>
        new(reader.ReadOpaqueList(Limits.KeyPackages, Limits.KeyPackage), reader.ReadOpaque(Limits.KeyPackage));
}

/// <summary>Asks to be let in. Asking again changes nothing and is answered again.</summary>
/// <param name="Actions">What a host lets itself in by.</param>
public sealed record JoinRequest(IReadOnlyList<SignedHostAction> Actions) : ClientMessage
{
    internal const byte Number = 3;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteList(Actions);
}

/// <summary>Presents a group that was founded, in its epoch 0.</summary>
/// <param name="MessageId">By which a repeat is known.</param>
/// <param name="Generation">The generation.</param>
/// <param name="GroupInfo">The group, with its tree: an MLSMessage.</param>
public sealed record Found(ulong MessageId, uint Generation, ByteString GroupInfo) : ClientMessage
{
    internal const byte Number = 4;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(MessageId);
        writer.WriteUInt32(Generation);
        writer.WriteVector(GroupInfo);
    }
}

/// <summary>Wants to end an epoch, as a member or to come back to its own leaf by an external commit.</summary>
/// <param name="MessageId">By which a repeat is known.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that ends.</param>
/// <param name="Commit">The commit: an MLSMessage.</param>
/// <param name="Welcome">For those who are added: an MLSMessage, or empty.</param>
/// <param name="GroupInfo">The next epoch without its tree: an MLSMessage.</param>
/// <param name="Covered">The requests that it fulfils.</param>
/// <param name="IsExternal">Whether it is an external commit.</param>
public sealed record CommitUpload(
    ulong MessageId,
    uint Generation,
    ulong Epoch,
    ByteString Commit,
    ByteString Welcome,
    ByteString GroupInfo,
    IReadOnlyList<ulong> Covered,
    bool IsExternal) : ClientMessage
{
    internal const byte Number = 5;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(MessageId);
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(Commit);
        writer.WriteVector(Welcome);
        writer.WriteVector(GroupInfo);
        int start = writer.BeginVector();
        foreach (ulong request in Covered)
            writer.WriteUInt64(request);
        writer.EndVector(start);
        writer.WriteBoolean(IsExternal);
    }

    internal static CommitUpload ReadBody(ref WireReader reader) => new(
        reader.ReadUInt64(),
        reader.ReadUInt32(),
        reader.ReadUInt64(),
        reader.ReadOpaque(Limits.Handshake, 1),
        reader.ReadOpaque(Limits.Handshake),
        reader.ReadOpaque(Limits.Handshake, 1),
        reader.ReadList(static (ref WireReader r) => r.ReadUInt64(), Limits.Requests),
        reader.ReadBoolean());
}

/// <summary>Asks for the group, to come back to it.</summary>
public sealed record AskGroup : ClientMessage
{
    internal const byte Number = 6;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
    }
}

/// <summary>A message to the other members, which is passed on and not kept.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that it is encrypted in.</param>
/// <param name="Message">A private MLSMessage.</param>
public sealed record Relay(uint Generation, ulong Epoch, ByteString Message) : ClientMessage
{
    internal const byte Number = 7;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(Message);
    }
}

/// <summary>Has merged an epoch and can open what is sealed in it.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record Ready(uint Generation, ulong Epoch) : ClientMessage
{
    internal const byte Number = 8;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
    }
}

/// <summary>Does not want to fulfil a request.</summary>
/// <param name="Request">Which one.</param>
/// <param name="Code">Why.</param>
public sealed record Refuse(ulong Request, ClientCode Code) : ClientMessage
{
    internal const byte Number = 9;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Request);
        writer.WriteUInt16((ushort)Code);
    }
}

/// <summary>Could not take an entry of the log.</summary>
/// <param name="Seq">Which one.</param>
/// <param name="Code">Why.</param>
public sealed record Report(ulong Seq, ClientCode Code) : ClientMessage
{
    internal const byte Number = 10;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Seq);
        writer.WriteUInt16((ushort)Code);
    }
}

/// <summary>Leaves the meeting.</summary>
public sealed record LeaveMeeting : ClientMessage
{
    internal const byte Number = 11;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
    }
}

/// <summary>A host decides something.</summary>
/// <param name="MessageId">By which the answer names it.</param>
/// <param name="Action">What.</param>
public sealed record HostActionUpload(ulong MessageId, SignedHostAction Action) : ClientMessage
{
    internal const byte Number = 12;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(MessageId);
        ((IStructure)Action).Write(ref writer);
    }
}

/// <summary>Still here.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The newest epoch that was merged.</param>
/// <param name="IsMember">Whether there is one; else both are 0.</param>
public sealed record Ping(uint Generation, ulong Epoch, bool IsMember) : ClientMessage
{
    internal const byte Number = 13;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteBoolean(IsMember);
    }
}
