namespace RoomAgent.SFrame;

/// <summary>What SFrame has to know of an epoch that has just been merged, beside its base key.</summary>
public sealed record FrameEpoch
{
    /// <summary>Which foundation of the group it belongs to. A higher one than before drops all keys of the lower ones.</summary>
    public uint Generation { get; init; }

    /// <summary>The epoch of the group, higher than every one before in its generation.</summary>
    public required ulong Number { get; init; }

    /// <summary>Our leaf index: below <see cref="LeafCount"/>.</summary>
    public required int OwnLeaf { get; init; }

    /// <summary>Leaves of the tree, blank ones included: 1 to <see cref="KeyId.MostLeaves"/>. Nobody beyond is listened to.</summary>
    public required int LeafCount { get; init; }

    /// <summary>The leaves that the commit of this epoch removed. One of them may have been filled again in the same commit.</summary>
    public IReadOnlyList<int> RemovedLeaves { get; init; } = [];

    /// <summary>Whether the only leaf removed is the old one of a member that came back by an external commit: no reason to hurry.</summary>
    public bool IsResync { get; init; }
}
