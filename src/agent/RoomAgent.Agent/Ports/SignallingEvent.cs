using RoomAgent.Wire;

namespace RoomAgent.Agent.Ports;

/// <summary>What comes from the hub's signalling, in order.</summary>
public abstract record SignallingEvent;

/// <summary>The desk of the meeting listens: a member is connected.</summary>
public sealed record SeatTaken : SignallingEvent;

/// <summary>The desk does not listen any more: a member is disconnected. It is entered again by itself, unless <see cref="SeatRefused"/> follows.</summary>
public sealed record SeatLost : SignallingEvent;

/// <summary>The meeting cannot be entered, and is not tried any more.</summary>
/// <param name="Outcome">Why.</param>
public sealed record SeatRefused(EnterOutcome Outcome) : SignallingEvent;

/// <summary>The desk said something.</summary>
/// <param name="Message">A <see cref="RoomAgent.Meetings.ServiceMessage"/>, as it came.</param>
public sealed record Heard(ByteString Message) : SignallingEvent;

/// <summary>The leg of media is over or needs new keys: make a new offer.</summary>
public sealed record OfferWanted : SignallingEvent;

/// <summary>The calendar changed: read it.</summary>
public sealed record CalendarChanged : SignallingEvent;

/// <summary>We have lost our access. Nothing is tried any more.</summary>
/// <param name="Reason">Why, in a word of the hub.</param>
public sealed record AccessEnded(string Reason) : SignallingEvent;

/// <summary>What becomes of a wish to enter a meeting.</summary>
public enum EnterOutcome
{
    /// <summary>The desk listens.</summary>
    Entered = 1,

    /// <summary>There is no such meeting for us.</summary>
    Unknown = 2,

    /// <summary>It does not open yet.</summary>
    TooEarly = 3,

    /// <summary>Not at the moment.</summary>
    Busy = 4,

    /// <summary>It has as many clients as it takes.</summary>
    Full = 5,

    /// <summary>The same participant entered by another connection.</summary>
    Replaced = 100,
}

/// <summary>How the signalling stands.</summary>
public enum SignallingState
{
    /// <summary>It was not started, or was stopped.</summary>
    Off = 0,

    /// <summary>It tries to reach the hub.</summary>
    Connecting = 1,

    /// <summary>It is connected.</summary>
    Connected = 2,

    /// <summary>It waits before it tries again.</summary>
    Waiting = 3,

    /// <summary>The access has ended.</summary>
    Ended = 4,
}

/// <summary>Answers an offer of media.</summary>
/// <param name="Answer">SDP with keys, which the caller zeroes; <see langword="null"/> when it was refused.</param>
/// <param name="Refusal">Why, for a log.</param>
public sealed record MediaAnswer(byte[]? Answer, string? Refusal);
