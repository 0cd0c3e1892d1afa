using RoomAgent.Agent.Ports;

namespace RoomAgent.Cloud.Visits;

/// <summary>What whoever is at the hub's address says of itself. Nothing was sent there but questions.</summary>
/// <param name="Words">The six words of its identity key; empty when it has not shown that it has one.</param>
/// <param name="IsPublic">Whether an authority on which this machine relies says that this is the host of that name.</param>
/// <param name="Fault">Why there is no answer.</param>
/// <param name="Refused">Why it is nobody's hub at this address; <see langword="null"/> when it may be one.</param>
public sealed record HubIntroduction(string Words, bool IsPublic, HubFault Fault, RefusedHub? Refused)
{
    /// <summary>Whether there is a hub that somebody may vouch for.</summary>
    public bool IsHub => Words.Length > 0 && Refused is null;
}

/// <summary>What becomes of a guest's or a person's wish.</summary>
/// <param name="Outcome">Whether it is done.</param>
/// <param name="Wait">When it is worth asking again.</param>
public sealed record VisitAnswer(VisitOutcome Outcome, TimeSpan? Wait = null)
{
    /// <summary>Done.</summary>
    public static VisitAnswer Good { get; } = new(VisitOutcome.Good);
}

/// <summary>Whether a wish is done, or why not.</summary>
public enum VisitOutcome
{
    /// <summary>It is.</summary>
    Good = 0,

    /// <summary>The link is not known, has expired or was taken back, or mailbox and password do not fit together.</summary>
    Refused = 1,

    /// <summary>The meeting may not be joined yet.</summary>
    TooEarly = 2,

    /// <summary>It was asked too often.</summary>
    Busy = 3,

    /// <summary>The hub does not answer, or cannot decide.</summary>
    Unreachable = 4,

    /// <summary>The answer is none that a hub gives, or a certificate that does not hold.</summary>
    Malformed = 5,
}
