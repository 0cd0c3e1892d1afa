using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What a member tells the others in a PrivateMessage, so that they know it is in the same state.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="ConfirmedTranscriptHash">What it has taken part in until now: empty in epoch 0, 32 to 64 bytes after.</param>
/// <param name="State">Whether it can be heard and seen.</param>
public sealed record Heartbeat(ulong Epoch, ByteString ConfirmedTranscriptHash, MemberState State) : IStructure
{
    private const byte Version = 1;
    private const int LongestHash = 64;

    /// <summary>Decodes a heartbeat: <see langword="null"/> when the bytes are not one.</summary>
    public static Heartbeat? Decode(ReadOnlySpan<byte> bytes) => Structure.Decode(bytes, Read);

    /// <summary>The encoding.</summary>
    public ByteString Encode() => Structure.Encode(this);

    void IStructure.Write(ref WireWriter writer)
    {
        writer.WriteUInt8(Version);
        writer.WriteUInt64(Epoch);
        writer.WriteVector(ConfirmedTranscriptHash);
        writer.WriteUInt8((byte)State);
    }

    // struct { uint8 version; uint64 epoch; opaque confirmed_transcript_hash<V>; uint8 state; }
    internal static Heartbeat Read(ref WireReader reader)
    {
        if (reader.ReadUInt8() != Version)
            reader.Fail();
        ulong epoch = reader.ReadUInt64();
        ByteString hash = reader.ReadOpaque(LongestHash);
        var state = (MemberState)reader.ReadUInt8();
        if ((state & ~MemberState.Unseen) != 0)
            reader.Fail();
        return new Heartbeat(epoch, hash, state);
    }
}

/// <summary>What a member says of itself.</summary>
[Flags]
public enum MemberState
{
    /// <summary>It can be heard and seen.</summary>
    None = 0,

    /// <summary>Its microphones are closed.</summary>
    Muted = 1,

    /// <summary>Its camera is closed.</summary>
    CameraOff = 2,

    /// <summary>It can neither be heard nor seen, as everybody who has just come.</summary>
    Unseen = Muted | CameraOff,
}
