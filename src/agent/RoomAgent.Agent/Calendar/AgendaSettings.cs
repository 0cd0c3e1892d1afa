namespace RoomAgent.Agent.Calendar;

/// <summary>When meetings are joined and left by themselves.</summary>
public sealed record AgendaSettings
{
    /// <summary>How long before its start a meeting is joined.</summary>
    public TimeSpan JoinsBefore { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long people in the room can stop that. It always runs in full, except when the room starts in the middle of a meeting.</summary>
    public TimeSpan Countdown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long alone the room leaves, once somebody else was there.</summary>
    public TimeSpan Alone { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the room waits alone in a meeting that is not in its calendar, when nobody comes. In one that is, it waits until <see cref="Alone"/> after its end.</summary>
    public TimeSpan NobodyCame { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long before the room's next booking people are told to make place, first.</summary>
    public TimeSpan FirstWarning { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The same, last.</summary>
    public TimeSpan LastWarning { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after it was lost a meeting is joined again at the earliest.</summary>
    public TimeSpan BeforeRejoin { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>What the agenda wants done.</summary>
public abstract record AgendaDeed;

/// <summary>Join a meeting, and leave the one that the room is in.</summary>
/// <param name="What">Which one.</param>
public sealed record JoinNow(Occurrence What) : AgendaDeed;

/// <summary>Leave the meeting.</summary>
/// <param name="Cause">Why.</param>
public sealed record LeaveNow(LeaveCause Cause) : AgendaDeed;

/// <summary>Why a meeting is left.</summary>
public enum LeaveCause
{
    /// <summary>Somebody in the room wants to.</summary>
    Wish,

    /// <summary>Everybody else has left, or nobody came.</summary>
    Alone,

    /// <summary>The room's next booking begins.</summary>
    NextBooking,

    /// <summary>It was called off.</summary>
    CalledOff,
}
