using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What the service says to a client about one occurrence of a meeting. Nothing in it is believed that MLS or a host's signature does not prove.</summary>
public abstract record ServiceMessage : IStructure
{
    private protected ServiceMessage()
    {
    }

    private protected abstract byte Type { get; }

    /// <summary>Decodes a message: <see langword="null"/> when the bytes are not one.</summary>
    public static ServiceMessage? Decode(ReadOnlySpan<byte> bytes) => bytes.Length > Limits.Message ? null : Structure.Decode(bytes, Read);

    /// <summary>The encoding.</summary>
    public ByteString Encode() => Structure.Encode(this);

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8(Type);
        WriteBody(ref writer);
    }

    private protected abstract void WriteBody(ref WireWriter writer);

    // struct { uint8 type; select (type) { ... }; }
    internal static ServiceMessage Read(ref WireReader reader)
    {
        switch (reader.ReadUInt8())
        {
            case MeetingState.Number:
                return MeetingState.ReadBody(ref reader);
            case JoinAnswer.Number:
                return JoinAnswer.ReadBody(ref reader);
            case Answer.Number:
                return Answer.ReadBody(ref reader);
            case Logged.Number:
                return Logged.ReadBody(ref reader);
            case WelcomeDelivery.Number:
                return WelcomeDelivery.ReadBody(ref reader);
            case GroupDelivery.Number:
                return GroupDelivery.ReadBody(ref reader);
            case OpenRequests.Number:
                return OpenRequests.ReadBody(ref reader);
            case Lobby.Number:
                return new Lobby(reader.ReadList(LobbyEntry.Read, Limits.Lobby));
            case Relayed.Number:
                return new Relayed(reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadOpaque(Limits.Relayed, 1));
            case SwitchKeys.Number:
                return new SwitchKeys(reader.ReadUInt32(), reader.ReadUInt64());
            case Reset.Number:
                return new Reset(reader.ReadUInt32());
            case Pong.Number:
                return new Pong(reader.ReadUInt64());
            case KeyPackagesWanted.Number:
                return new KeyPackagesWanted();
            default:
                reader.Fail();
                return new KeyPackagesWanted();
        }
    }
}

/// <summary>How the meeting stands; the answer to <see cref="Hello"/>. What was missed follows, if it can.</summary>
/// <param name="Since">The last entry that the client said it has: if it is above <paramref name="Seq"/>, the service has lost what the client has.</param>
/// <param name="Seq">The last entry of the log.</param>
/// <param name="Generation">The generation of the group, or of the one that is to be founded.</param>
/// <param name="HasGroup">Whether there is a group of this generation.</param>
/// <param name="Epoch">Its epoch; 0 without one.</param>
/// <param name="IsReplayed">Whether all entries after those that the client has follow. If not it comes back by an external commit.</param>
/// <param name="IsPresent">Whether the client's key is in the tree.</param>
/// <param name="Policy">The policy, of this generation or for it. Only the group can prove it.</param>
public sealed record MeetingState(ulong Since, ulong Seq, uint Generation, bool HasGroup, ulong Epoch, bool IsReplayed, bool IsPresent, RoomPolicy Policy) : ServiceMessage
{
    internal const byte Number = 1;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Since);
        writer.WriteUInt64(Seq);
        writer.WriteUInt32(Generation);
        writer.WriteBoolean(HasGroup);
        writer.WriteUInt64(Epoch);
        writer.WriteBoolean(IsReplayed);
        writer.WriteBoolean(IsPresent);
        ((IStructure)Policy).Write(ref writer);
    }

    internal static MeetingState ReadBody(ref WireReader reader) => new(
        reader.ReadUInt64(),
        reader.ReadUInt64(),
        reader.ReadUInt32(),
        reader.ReadBoolean(),
        reader.ReadUInt64(),
        reader.ReadBoolean(),
        reader.ReadBoolean(),
        RoomPolicy.Read(ref reader));
}

/// <summary>What becomes of a wish to join.</summary>
public enum JoinOutcome : byte
{
    /// <summary>Somebody must let the client in.</summary>
    Lobby = 1,

    /// <summary>The members are asked to add it, or somebody else founds the group.</summary>
    Pending = 2,

    /// <summary>It is asked to found the group, and has so long for it.</summary>
    Create = 3,

    /// <summary>It is not let in.</summary>
    Refused = 4,
}

/// <summary>Answers <see cref="JoinRequest"/>.</summary>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Generation">For <see cref="JoinOutcome.Create"/>: the generation to found.</param>
/// <param name="Lease">For <see cref="JoinOutcome.Create"/>: milliseconds that it has.</param>
/// <param name="Policy">For <see cref="JoinOutcome.Create"/>: with which policy.</param>
public sealed record JoinAnswer(JoinOutcome Outcome, uint Generation = 0, uint Lease = 0, RoomPolicy? Policy = null) : ServiceMessage
{
    internal const byte Number = 2;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt8((byte)Outcome);
        if (Outcome != JoinOutcome.Create)
            return;

        writer.WriteUInt32(Generation);
        writer.WriteUInt32(Lease);
        ((IStructure)Policy!).Write(ref writer);
    }

    internal static JoinAnswer ReadBody(ref WireReader reader)
    {
        var outcome = (JoinOutcome)reader.ReadUInt8();
        if (outcome is < JoinOutcome.Lobby or > JoinOutcome.Refused)
            reader.Fail();
        return outcome == JoinOutcome.Create
            ? new JoinAnswer(outcome, reader.ReadUInt32(), reader.ReadUInt32(), RoomPolicy.Read(ref reader))
            : new JoinAnswer(outcome);
    }
}

/// <summary>What became of a message with an id.</summary>
public enum AnswerOutcome : byte
{
    /// <summary>It is in the log, or in force.</summary>
    Accepted = 1,

    /// <summary>Its epoch is over.</summary>
    Stale = 2,

    /// <summary>Something else must come first; ask again soon.</summary>
    Busy = 3,

    /// <summary>It is refused, for good.</summary>
    Invalid = 4,

    /// <summary>It leaves out what is due.</summary>
    MissingRequired = 5,
}

/// <summary>Why a message is refused.</summary>
public enum ServiceCode : ushort
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>It cannot be decoded.</summary>
    Malformed = 1,

    /// <summary>It breaks a rule of MLS.</summary>
    Unprocessable = 2,

    /// <summary>It breaks a rule of meetings.</summary>
    Inadmissible = 3,

    /// <summary>It does what nobody asked for.</summary>
    Unasked = 4,

    /// <summary>Welcome or GroupInfo do not fit the commit.</summary>
    Attachments = 5,

    /// <summary>It is not the sender's own to send.</summary>
    NotYours = 6,

    /// <summary>Too many could not take what the sender sent before.</summary>
    Barred = 7,

    /// <summary>Its id was used for another message.</summary>
    MessageIdReused = 8,

    /// <summary>It comes too often or there is no room.</summary>
    TooMany = 9,

    /// <summary>Nobody was asked to found a group, or somebody else.</summary>
    NoLease = 10,
}

/// <summary>Answers a message with an id; the same one again when it is repeated.</summary>
/// <param name="MessageId">Which message.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">Why it was refused.</param>
/// <param name="Epoch">The present epoch.</param>
/// <param name="Seq">The entry when it was accepted, else the last one.</param>
/// <param name="Missing">The requests that are due.</param>
public sealed record Answer(ulong MessageId, AnswerOutcome Outcome, ServiceCode Code, ulong Epoch, ulong Seq, IReadOnlyList<ulong> Missing) : ServiceMessage
{
    internal const byte Number = 3;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(MessageId);
        writer.WriteUInt8((byte)Outcome);
        writer.WriteUInt16((ushort)Code);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt64(Seq);
        int start = writer.BeginVector();
        foreach (ulong request in Missing)
            writer.WriteUInt64(request);
        writer.EndVector(start);
    }

    internal static Answer ReadBody(ref WireReader reader)
    {
        ulong id = reader.ReadUInt64();
        var outcome = (AnswerOutcome)reader.ReadUInt8();
        if (outcome is < AnswerOutcome.Accepted or > AnswerOutcome.MissingRequired)
            reader.Fail();
        return new Answer(
            id,
            outcome,
            (ServiceCode)reader.ReadUInt16(),
            reader.ReadUInt64(),
            reader.ReadUInt64(),
            reader.ReadList(static (ref WireReader r) => r.ReadUInt64(), Limits.Requests));
    }
}

/// <summary>An entry of the log.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that begins.</param>
/// <param name="Commit">The commit: an MLSMessage; empty for the founding of a group.</param>
/// <param name="Causes">Why those go who go, as the service says.</param>
public sealed record Logged(ulong Seq, uint Generation, ulong Epoch, ByteString Commit, IReadOnlyList<LeafCause> Causes) : ServiceMessage
{
    internal const byte Number = 4;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Seq);
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(Commit);
        writer.WriteList(Causes);
    }

    internal static Logged ReadBody(ref WireReader reader) => new(
        reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadUInt64(), reader.ReadOpaque(Limits.Handshake), reader.ReadList(LeafCause.Read, Limits.Leaves));
}

/// <summary>Lets a joiner in.</summary>
/// <param name="Seq">The entry that added it.</param>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that it joins.</param>
/// <param name="Welcome">The Welcome: an MLSMessage.</param>
/// <param name="Tree">The tree of that epoch.</param>
/// <param name="Actions">The host actions that it rests on.</param>
public sealed record WelcomeDelivery(ulong Seq, uint Generation, ulong Epoch, ByteString Welcome, ByteString Tree, IReadOnlyList<SignedHostAction> Actions) : ServiceMessage
{
    internal const byte Number = 5;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Seq);
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(Welcome);
        writer.WriteVector(Tree);
        writer.WriteList(Actions);
    }

    internal static WelcomeDelivery ReadBody(ref WireReader reader) => new(
        reader.ReadUInt64(),
        reader.ReadUInt32(),
        reader.ReadUInt64(),
        reader.ReadOpaque(Limits.Handshake, 1),
        reader.ReadOpaque(Limits.Handshake, 1),
        reader.ReadList(SignedHostAction.Read, Limits.HostActions));
}

/// <summary>The group, for one who comes back to it.</summary>
/// <param name="Seq">The last entry of the log.</param>
/// <param name="Generation">The generation.</param>
/// <param name="GroupInfo">The present epoch: an MLSMessage.</param>
/// <param name="Tree">Its tree.</param>
public sealed record GroupDelivery(ulong Seq, uint Generation, ByteString GroupInfo, ByteString Tree) : ServiceMessage
{
    internal const byte Number = 6;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt64(Seq);
        writer.WriteUInt32(Generation);
        writer.WriteVector(GroupInfo);
        writer.WriteVector(Tree);
    }

    internal static GroupDelivery ReadBody(ref WireReader reader) => new(
        reader.ReadUInt64(), reader.ReadUInt32(), reader.ReadOpaque(Limits.Handshake, 1), reader.ReadOpaque(Limits.Handshake, 1));
}

/// <summary>All requests that are open, in the place of those that were. What is not among them any more is withdrawn or done.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that they are for.</param>
/// <param name="Committers">The leaves whose turn it is to commit, first, second and so on; all others come after them.</param>
/// <param name="Requests">The requests.</param>
public sealed record OpenRequests(uint Generation, ulong Epoch, IReadOnlyList<uint> Committers, IReadOnlyList<MeetingRequest> Requests) : ServiceMessage
{
    internal const byte Number = 7;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        int start = writer.BeginVector();
        foreach (uint leaf in Committers)
            writer.WriteUInt32(leaf);
        writer.EndVector(start);
        writer.WriteList(Requests);
    }

    internal static OpenRequests ReadBody(ref WireReader reader) => new(
        reader.ReadUInt32(),
        reader.ReadUInt64(),
        reader.ReadList(static (ref WireReader r) => r.ReadUInt32(), Limits.Committers),
        reader.ReadList(MeetingRequest.Read, Limits.Requests));
}

/// <summary>All who wait to be let in, for the hosts.</summary>
/// <param name="Entries">They.</param>
public sealed record Lobby(IReadOnlyList<LobbyEntry> Entries) : ServiceMessage
{
    internal const byte Number = 8;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteList(Entries);
}

/// <summary>A message of another member.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch that it is encrypted in.</param>
/// <param name="Message">A private MLSMessage.</param>
public sealed record Relayed(uint Generation, ulong Epoch, ByteString Message) : ServiceMessage
{
    internal const byte Number = 9;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(Message);
    }
}

/// <summary>All connected members have merged an epoch: it may seal.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record SwitchKeys(uint Generation, ulong Epoch) : ServiceMessage
{
    internal const byte Number = 10;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
        writer.WriteUInt32(Generation);
        writer.WriteUInt64(Epoch);
    }
}

/// <summary>The group is over; a new one is founded.</summary>
/// <param name="Generation">Its generation.</param>
public sealed record Reset(uint Generation) : ServiceMessage
{
    internal const byte Number = 11;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteUInt32(Generation);
}

/// <summary>Answers <see cref="Ping"/>.</summary>
/// <param name="Seq">The last entry of the log.</param>
public sealed record Pong(ulong Seq) : ServiceMessage
{
    internal const byte Number = 12;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer) => writer.WriteUInt64(Seq);
}

/// <summary>Key packages are running out.</summary>
public sealed record KeyPackagesWanted : ServiceMessage
{
    internal const byte Number = 13;

    private protected override byte Type => Number;

    private protected override void WriteBody(ref WireWriter writer)
    {
    }
}
