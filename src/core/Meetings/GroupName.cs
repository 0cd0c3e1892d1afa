using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>What names the group of a meeting, and never another one.</summary>
/// <param name="MeetingId">The meeting: 1 to <see cref="Limits.MeetingId"/> bytes.</param>
/// <param name="Instance">Its occurrence: <see cref="Limits.Instance"/> random bytes.</param>
/// <param name="Generation">How often the group had to be founded anew: 0 for the first.</param>
public readonly record struct GroupName(ByteString MeetingId, ByteString Instance, uint Generation)
{
    /// <summary>Whether the parts have their lengths.</summary>
    public bool IsValid => MeetingId.Length is >= 1 and <= Limits.MeetingId && Instance.Length == Limits.Instance;

    /// <summary>
    /// The group_id of MLS: SHA-256 of <c>struct { opaque label&lt;V&gt; = "RoomAgent group 1"; opaque meeting_id&lt;V&gt;; opaque instance[16]; uint32 generation; }</c>.
    /// </summary>
    public ByteString ComputeGroupId(ICryptoProvider crypto)
    {
        using var writer = WireWriter.Growing();
        writer.WriteVector("RoomAgent group 1"u8);
        writer.WriteVector(MeetingId);
        writer.WriteBytes(Instance);
        writer.WriteUInt32(Generation);
        byte[] digest = new byte[Limits.Digest];
        crypto.Hash(HashAlgorithm.Sha256, writer.Written, digest);
        return ByteString.Owning(digest);
    }
}
