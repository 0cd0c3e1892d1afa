using RoomAgent.Meetings;
using RoomAgent.Mls;

namespace RoomAgent.Agent.Meetings;

/// <summary>What happened in the meeting, for the display, the log and the media.</summary>
public abstract record MemberEvent;

/// <summary>An epoch began for us. The display works out the roster anew; senders make a key frame when somebody came.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Came">Leaves that came, and who let them in: a host that has signed for it, else the service.</param>
/// <param name="Went">Who went, and why: a host's eject is proven, all else is what the service says.</param>
public sealed record EpochMerged(
    uint Generation, ulong Epoch, IReadOnlyList<(LeafIndex Leaf, RosterCause Cause)> Came, IReadOnlyList<(LeafIndex Leaf, Participant Who, RosterCause Cause)> Went) : MemberEvent;

/// <summary>The group differs from what we were invited to.</summary>
/// <param name="Differences">In what.</param>
public sealed record InvitationDiffers(PolicyDifferences Differences) : MemberEvent;

/// <summary>For a host: who waits to be let in.</summary>
/// <param name="Waiting">They, with their chains to be judged and shown.</param>
public sealed record LobbyChanged(IReadOnlyList<(Participant Who, Credential Credential)> Waiting) : MemberEvent;

/// <summary>Another member says that it came to the same epoch by another way: the service shows different things to different members.</summary>
/// <param name="Leaf">Which one.</param>
public sealed record ForkSeen(LeafIndex Leaf) : MemberEvent;

/// <summary>A member has said for the first time in this epoch that it is in the same state as we, or something new of itself.</summary>
/// <param name="Leaf">Which one.</param>
public sealed record MemberHeard(LeafIndex Leaf) : MemberEvent;

/// <summary>A member was not heard of in this epoch for long.</summary>
/// <param name="Leaf">Which one.</param>
/// <param name="IsAlarm">Whether it is so long that an alarm is due.</param>
public sealed record MemberUnconfirmed(LeafIndex Leaf, bool IsAlarm) : MemberEvent;

/// <summary>Something was refused; counted, and for the log.</summary>
/// <param name="Rule">By which rule.</param>
public sealed record SomethingRefused(Refusal Rule) : MemberEvent;

/// <summary>The service has lost what we have. We stop sending until there is a new generation.</summary>
public sealed record ServiceLostState : MemberEvent;

/// <summary>We are not in the meeting any more.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Rule">The rule, when one was broken.</param>
public sealed record MeetingLeft(LeaveReason Reason, Refusal? Rule) : MemberEvent;
