using RoomAgent.Hub.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>What a frame between hubs is for. Calls and seats are numbered by the hub that called.</summary>
internal enum LinkFrameKind : byte
{
    /// <summary>To the home: a call; its number is also that of the seat which it makes.</summary>
    Call = 1,

    /// <summary>From the home: answers a call.</summary>
    Reply = 2,

    /// <summary>To the home: a client says something.</summary>
    Say = 3,

    /// <summary>To the home: a client gives its seat up.</summary>
    Exit = 4,

    /// <summary>From the home: the desk says something.</summary>
    Hear = 5,

    /// <summary>From the home: a leg of media needs an offer.</summary>
    OfferAgain = 6,

    /// <summary>From the home: a seat is gone.</summary>
    Ended = 7,
}

/// <summary>What a hub calls at another.</summary>
internal enum LinkCall : byte
{
    /// <summary>A client enters a meeting.</summary>
    Enter = 1,

    /// <summary>A client offers media.</summary>
    Offer = 2,

    /// <summary>The open meetings of an organisation.</summary>
    List = 3,

    /// <summary>A page admits or removes somebody.</summary>
    Do = 4,

    /// <summary>A body came for a connection there, which has room for it.</summary>
    PutBody = 5,

    /// <summary>A body is asked for that waits there.</summary>
    FetchBody = 6,

    /// <summary>A body is about to come for a connection there.</summary>
    ReserveBody = 7,
}

/// <summary>A frame: <c>struct { uint8 kind; uint64 number; opaque body[]; }</c>. Both ends are programs of the same authority, and read all the same as if they were not.</summary>
internal readonly ref struct LinkFrame
{
    public const int HeaderSize = 9;

    private LinkFrame(LinkFrameKind kind, ulong number, ReadOnlySpan<byte> body)
    {
        Kind = kind;
        Number = number;
        Body = body;
    }

    public LinkFrameKind Kind { get; }

    public ulong Number { get; }

    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Whether there was one.</summary>
    public bool IsGood => Kind is >= LinkFrameKind.Call and <= LinkFrameKind.Ended;

    public static byte[] Encode(LinkFrameKind kind, ulong number, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[HeaderSize + body.Length];
        frame[0] = (byte)kind;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(1), number);
        body.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    public static LinkFrame Read(ReadOnlySpan<byte> frame) => frame.Length < HeaderSize
        ? default
        : new LinkFrame((LinkFrameKind)frame[0], System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(frame[1..]), frame[HeaderSize..]);
}

/// <summary>The bodies of calls and replies, in TLS presentation language.</summary>
internal static class LinkBody
{
    private const int MostMeetings = 4_096;
    private const int LongestSubject = 128;

    // struct { opaque meeting_id<V>; opaque instance[16]; opaque identity<V>; }
    public static byte[] Enter(MeetingInstance instance, ByteString identity)
    {
        WireWriter writer = Begin(LinkCall.Enter);
        Write(ref writer, instance);
        writer.WriteVector(identity);
        return Finish(writer);
    }

    public static (MeetingInstance Instance, ByteString Identity)? ReadEnter(ref WireReader reader)
    {
        (MeetingInstance, ByteString) read = (ReadInstance(ref reader), ByteString.CopyOf(reader.ReadVector()));
        return reader.Complete ? read : null;
    }

    // struct { uint64 seat; opaque sdp<V>; }
    public static byte[] Offer(ulong seat, ReadOnlySpan<byte> offer)
    {
        WireWriter writer = Begin(LinkCall.Offer);
        writer.WriteUInt64(seat);
        writer.WriteVector(offer);
        return Finish(writer);
    }

    public static (ulong Seat, byte[] Offer)? ReadOffer(ref WireReader reader)
    {
        (ulong, byte[]) read = (reader.ReadUInt64(), reader.ReadVector().ToArray());
        return reader.Complete ? read : null;
    }

    public static byte[] List(OrganisationId organisation)
    {
        WireWriter writer = Begin(LinkCall.List);
        writer.WriteBytes(organisation.ToBytes());
        return Finish(writer);
    }

    public static OrganisationId? ReadList(ref WireReader reader)
    {
        ReadOnlySpan<byte> id = reader.ReadBytes(16);
        return reader.Complete ? OrganisationId.Of(id.ToArray()) : null;
    }

    // struct { opaque organisation[16]; uint8 admit; opaque meeting_id<V>; opaque instance[16]; opaque identity<V>; }
    public static byte[] Do(ServiceDeed deed)
    {
        WireWriter writer = Begin(LinkCall.Do);
        writer.WriteBytes(deed.Organisation.ToBytes());
        writer.WriteUInt8(deed.IsAdmit ? (byte)1 : (byte)0);
        Write(ref writer, deed.Instance);
        writer.WriteVector(deed.Identity);
        return Finish(writer);
    }

    public static ServiceDeed? ReadDo(ref WireReader reader)
    {
        byte[] organisation = reader.ReadBytes(16).ToArray();
        bool isAdmit = reader.ReadUInt8() == 1;
        MeetingInstance instance = ReadInstance(ref reader);
        ByteString identity = ByteString.CopyOf(reader.ReadVector());
        return reader.Complete ? new ServiceDeed(isAdmit, OrganisationId.Of(organisation), instance, identity) : null;
    }

    // struct { opaque connection[32]; opaque subject<V>; opaque rest<V>; }
    public static byte[] Body(LinkCall call, ByteString connection, string subject, ReadOnlySpan<byte> rest)
    {
        WireWriter writer = Begin(call);
        writer.WriteBytes(connection);
        writer.WriteVector(System.Text.Encoding.UTF8.GetBytes(subject));
        writer.WriteVector(rest);
        return Finish(writer);
    }

    // The rest is a uint32.
    public static byte[] Reserve(ByteString connection, string subject, int length)
    {
        Span<byte> rest = stackalloc byte[sizeof(uint)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)length);
        return Body(LinkCall.ReserveBody, connection, subject, rest);
    }

    public static (ByteString Connection, string Subject, byte[] Content)? ReadBody(ref WireReader reader)
    {
        ByteString connection = ByteString.CopyOf(reader.ReadBytes(2 * HubName.Size));
        ReadOnlySpan<byte> subject = reader.ReadVector();
        ReadOnlySpan<byte> rest = reader.ReadVector();
        return reader.Complete && subject.Length <= LongestSubject ? (connection, System.Text.Encoding.UTF8.GetString(subject), rest.ToArray()) : null;
    }

    // A list of struct { opaque meeting_id<V>; opaque instance[16]; uint8 class; uint8 flags; uint32 generation; uint8 has_epoch; uint64 epoch; opaque members<V><V>; opaque waiting<V><V>; }
    public static byte[] Listed(IReadOnlyList<OpenOccurrence> open)
    {
        var writer = WireWriter.Growing(1024);
        int start = writer.BeginVector();
        foreach (OpenOccurrence one in open.Take(MostMeetings))
        {
            Write(ref writer, one.Instance);
            writer.WriteUInt8((byte)one.Class);
            writer.WriteUInt8((byte)((one.IsStrict ? 1 : 0) | (one.IsLocked ? 2 : 0) | (one.Epoch is null ? 0 : 4)));
            writer.WriteUInt32(one.Generation);
            writer.WriteUInt64(one.Epoch ?? 0);
            Write(ref writer, one.Members);
            Write(ref writer, one.Waiting);
        }

        writer.EndVector(start);
        return Finish(writer);
    }

    public static IReadOnlyList<OpenOccurrence> ReadListed(ReadOnlySpan<byte> bytes, OrganisationId organisation)
    {
        var open = new List<OpenOccurrence>();
        var reader = new WireReader(bytes);
        WireReader list = reader.ReadNested();
        while (!list.AtEnd && open.Count < MostMeetings)
        {
            MeetingInstance instance = ReadInstance(ref list);
            var meetingClass = (MeetingClass)list.ReadUInt8();
            byte flags = list.ReadUInt8();
            uint generation = list.ReadUInt32();
            ulong epoch = list.ReadUInt64();
            open.Add(new OpenOccurrence(
                instance, organisation, meetingClass, (flags & 1) != 0, (flags & 2) != 0, generation, (flags & 4) != 0 ? epoch : null, ReadTexts(ref list), ReadTexts(ref list)));
        }

        return list.Failed || !reader.Complete ? [] : open;
    }

    private static WireWriter Begin(LinkCall call)
    {
        var writer = WireWriter.Growing(256);
        writer.WriteUInt8((byte)call);
        return writer;
    }

    private static byte[] Finish(WireWriter writer)
    {
        byte[] body = writer.ToArray();
        writer.Dispose();
        return body;
    }

    private static void Write(ref WireWriter writer, MeetingInstance instance)
    {
        writer.WriteVector(instance.MeetingId);
        writer.WriteBytes(instance.Instance);
    }

    private static void Write(ref WireWriter writer, IReadOnlyList<ByteString> texts)
    {
        int start = writer.BeginVector();
        foreach (ByteString text in texts)
            writer.WriteVector(text);
        writer.EndVector(start);
    }

    private static MeetingInstance ReadInstance(ref WireReader reader) => new(ByteString.CopyOf(reader.ReadVector()), ByteString.CopyOf(reader.ReadBytes(Limits.Instance)));

    private static List<ByteString> ReadTexts(ref WireReader reader)
    {
        var texts = new List<ByteString>();
        WireReader list = reader.ReadNested();
        while (!list.AtEnd)
            texts.Add(ByteString.CopyOf(list.ReadVector()));
        if (list.Failed)
            reader.Fail();
        return texts;
    }
}
