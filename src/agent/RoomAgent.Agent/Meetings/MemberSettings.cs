using RoomAgent.Crypto;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Meetings;

/// <summary>Who takes part in a meeting, and what it knows of it.</summary>
public sealed record MemberSettings
{
    /// <summary>What we were invited to.</summary>
    public required Invitation Invitation { get; init; }

    /// <summary>The suite of the group.</summary>
    public required CipherSuite Suite { get; init; }

    /// <summary>Our own chain.</summary>
    public required Credential Credential { get; init; }

    /// <summary>The key of its leaf; the caller's.</summary>
    public required SigningKey SigningKey { get; init; }

    /// <summary>Where keys and chance come from.</summary>
    public required IRandom Random { get; init; }

    /// <summary>Who decides on the chains of others, with the anchors of the invitation.</summary>
    public required IMeetingIdentities Identities { get; init; }

    /// <summary>What we ourselves think of others.</summary>
    public required IMemberJudge Judge { get; init; }

    /// <summary>The times of the protocol.</summary>
    public MeetingTimes Times { get; init; } = new();

    /// <summary>Key packages for one use that are kept with the service.</summary>
    public int SpareKeyPackages { get; init; } = 2;

    /// <summary>How long a key package is good: at most 24 hours.</summary>
    public TimeSpan KeyPackageLife { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>Comes to our own opinion of somebody. A port: it depends on a clock, on lists and on local settings, so members may differ in it.</summary>
public interface IMemberJudge
{
    /// <summary>Whether we would rather not be in a meeting with somebody.</summary>
    /// <param name="credential">Its chain, which is admissible.</param>
    /// <param name="signatureKey">The key of its leaf.</param>
    /// <param name="date">The present.</param>
    /// <returns>Why; <see langword="null"/> when we do not mind.</returns>
    Refusal? Judge(Credential credential, ByteString signatureKey, DateTimeOffset date);
}

/// <summary>Where a member stands.</summary>
public enum MeetingPhase
{
    /// <summary>Not asked to take part yet, or without a connection before it was in.</summary>
    Outside = 0,

    /// <summary>Has asked how the meeting stands.</summary>
    Greeting = 1,

    /// <summary>Waits until somebody lets it in.</summary>
    Lobby = 2,

    /// <summary>Waits to be added.</summary>
    Pending = 3,

    /// <summary>Founds the group.</summary>
    Founding = 4,

    /// <summary>Takes part.</summary>
    InMeeting = 5,

    /// <summary>Comes back to its own place by an external commit.</summary>
    Returning = 6,

    /// <summary>The service has lost what we have. Nothing is sent until there is a new generation.</summary>
    ServiceBehind = 7,

    /// <summary>Left, for the reason in <see cref="MeetingMember.LeftBecause"/>.</summary>
    Left = 8,
}

/// <summary>Why a member is not in the meeting any more.</summary>
public enum LeaveReason
{
    /// <summary>We wanted to.</summary>
    Own = 1,

    /// <summary>A host put us out.</summary>
    Ejected = 2,

    /// <summary>The service put us out.</summary>
    RemovedByService = 3,

    /// <summary>The service does not let us in.</summary>
    NotLetIn = 4,

    /// <summary>The group is not one that we may be in; the rule says why.</summary>
    Refused = 5,

    /// <summary>Our own policy does not want what the group accepted.</summary>
    Policy = 6,

    /// <summary>We could not follow the group, not even after coming back once.</summary>
    Broken = 7,
}
