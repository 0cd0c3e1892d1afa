using RoomAgent.Wire;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>How handshakes travel.</summary>
public enum Form
{
    PublicMessage,
    PrivateMessage,
}

/// <summary>Whose implementation.</summary>
public enum Side
{
    Ours,
    Theirs,
}

/// <summary>A change that a commit or proposal asks for.</summary>
internal abstract record Change
{
    /// <summary>Takes in whoever made the key package.</summary>
    public sealed record Add(byte[] KeyPackage) : Change;

    /// <summary>Puts out who is at that leaf.</summary>
    public sealed record Remove(uint Leaf) : Change;

    /// <summary>Mixes in an external key.</summary>
    public sealed record Psk(string Id) : Change;

    /// <summary>Replaces the extensions of the group context.</summary>
    public sealed record Extensions(params (ushort Type, byte[] Data)[] All) : Change;
}

/// <summary>What a commit gives to send.</summary>
internal sealed record Commitment(byte[] Message, byte[]? Welcome);

/// <summary>What all members must see alike, and the leaf of the one who looks.</summary>
internal sealed record View(ulong Epoch, uint Leaf, ByteString Authenticator, ByteString Exported);

/// <summary>One who takes part in a group, by whichever implementation. Messages are those of RFC 9420 section 6, encoded.</summary>
internal abstract class Member(string name, Side side)
{
    public const string ExporterLabel = "peer test";
    public const int ExporterLength = 42;

    public string Name { get; } = name;

    public Side Side { get; } = side;

    public abstract byte[] NewKeyPackage();

    public abstract void Found(byte[] groupId);

    public abstract void Join(byte[] welcome, byte[]? tree);

    /// <summary>Joins by a commit of its own.</summary>
    /// <returns>The commit.</returns>
    public abstract byte[] JoinByCommit(byte[] groupInfo, byte[]? tree);

    /// <summary>Joins by a commit of its own that also puts out its former leaf.</summary>
    public abstract byte[] Resync(byte[] groupInfo, byte[]? tree);

    /// <summary>A GroupInfo by which others can join.</summary>
    public abstract byte[] Present(bool withTree);

    public abstract byte[] Tree();

    /// <summary>Tells it an external key.</summary>
    public abstract void Learn(string pskId, byte[] key);

    /// <summary>Commits the changes and the proposals that came before, and goes to the next epoch.</summary>
    public abstract Commitment Commit(bool treeInWelcome, params IReadOnlyList<Change> changes);

    public abstract byte[] Propose(Change change);

    public abstract byte[] ProposeUpdate();

    /// <summary>Takes a proposal, or a commit and goes to the next epoch.</summary>
    public abstract void Receive(byte[] handshake);

    public abstract byte[] Say(string text);

    public abstract string Hear(byte[] message);

    public abstract View Look();

    /// <summary>Whether it thinks that it is in the group.</summary>
    public abstract bool IsMember { get; }

    public override string ToString() => $"{Name} ({Side})";
}
