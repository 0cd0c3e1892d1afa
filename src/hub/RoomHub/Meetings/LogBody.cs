using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>What an entry of the log holds, as the desk writes and reads it.</summary>
internal sealed record LogBody
{
    private const byte Version = 1;

    /// <summary>Who sent it and under which id, with the hash of the message: a repeat is known after a restart too.</summary>
    public required ByteString Origin { get; init; }

    public required ulong MessageId { get; init; }

    public required ByteString Hash { get; init; }

    /// <summary>The commit; empty for the founding of a group.</summary>
    public required ByteString Commit { get; init; }

    public ByteString Welcome { get; init; }

    /// <summary>The epoch that begins: with its tree for the founding, without it for a commit.</summary>
    public required ByteString GroupInfo { get; init; }

    public IReadOnlyList<LeafCause> Causes { get; init; } = [];

    public bool IsFounding => Commit.IsEmpty;

    // struct { uint8 version; opaque origin<V>; uint64 message_id; opaque hash[32]; opaque commit<V>; opaque welcome<V>; opaque group_info<V>; LeafCause causes<V>; }
    public ByteString Encode()
    {
        var writer = WireWriter.Growing(Commit.Length + Welcome.Length + GroupInfo.Length + 256);
        writer.WriteUInt8(Version);
        writer.WriteVector(Origin);
        writer.WriteUInt64(MessageId);
        writer.WriteBytes(Hash);
        writer.WriteVector(Commit);
        writer.WriteVector(Welcome);
        writer.WriteVector(GroupInfo);
        int start = writer.BeginVector();
        foreach (LeafCause cause in Causes)
        {
            writer.WriteUInt32(cause.Leaf);
            writer.WriteUInt8((byte)cause.Cause);
        }

        writer.EndVector(start);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    public static LogBody? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        if (reader.ReadUInt8() != Version)
            reader.Fail();

        var body = new LogBody
        {
            Origin = ByteString.CopyOf(reader.ReadVector()),
            MessageId = reader.ReadUInt64(),
            Hash = ByteString.CopyOf(reader.ReadBytes(Limits.Digest)),
            Commit = ByteString.CopyOf(reader.ReadVector()),
            Welcome = ByteString.CopyOf(reader.ReadVector()),
            GroupInfo = ByteString.CopyOf(reader.ReadVector()),
            Causes = ReadCauses(ref reader),
        };
        return reader.Complete ? body : null;
    }

    private static List<LeafCause> ReadCauses(ref WireReader reader)
    {
        var causes = new List<LeafCause>();
        WireReader list = reader.ReadNested();
        while (!list.AtEnd)
            causes.Add(new LeafCause(list.ReadUInt32(), (RosterCause)list.ReadUInt8()));

        if (list.Failed)
            reader.Fail();
        return causes;
    }
}

/// <summary>What a snapshot holds.</summary>
internal sealed record SnapshotBody(uint Generation, ByteString GroupInfo, ByteString Tree)
{
    public ByteString Encode()
    {
        var writer = WireWriter.Growing(GroupInfo.Length + Tree.Length + 16);
        writer.WriteUInt32(Generation);
        writer.WriteVector(GroupInfo);
        writer.WriteVector(Tree);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    public static SnapshotBody? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var body = new SnapshotBody(reader.ReadUInt32(), ByteString.CopyOf(reader.ReadVector()), ByteString.CopyOf(reader.ReadVector()));
        return reader.Complete ? body : null;
    }
}
