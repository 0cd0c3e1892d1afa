using static RoomAgent.Agent.Room.MeetingStage;

namespace RoomAgent.Agent.Room;

/// <summary>What happens to the room on its way through a meeting. It is found out again and again, so each of them may come twice.</summary>
public enum MeetingEvent
{
    /// <summary>The countdown has run out, or somebody joins by hand.</summary>
    Due,

    /// <summary>Somebody stopped the countdown: it stays in the calendar, and is joined by hand only.</summary>
    Stopped,

    /// <summary>Without a place in the group, and on the way to one: connection, seat, greeting, founding.</summary>
    Approaching,

    /// <summary>The hub lets nobody in yet.</summary>
    TooEarly,

    /// <summary>It waits until a host lets it in.</summary>
    Waiting,

    /// <summary>It was let in, and waits to be added.</summary>
    Admitted,

    /// <summary>It is in the group, and heard.</summary>
    Merged,

    /// <summary>It is in the group, and its way there is broken: seat or connection lost, or the group went on without it.</summary>
    ConnectionLost,

    /// <summary>The room wants to leave.</summary>
    LeaveWanted,

    /// <summary>It was put out.</summary>
    PutOut,

    /// <summary>It was not let in, or the meeting is not one that it may be in.</summary>
    Refused,

    /// <summary>The meeting is over, was called off, or the good-bye is said.</summary>
    Over,

    /// <summary>The process ended. The calendar knows the meeting afterwards, and what people left by themselves.</summary>
    PowerLost,
}

/// <summary>The life of a meeting in a room. <see cref="Ended"/> is final: who comes again begins another.</summary>
/// <remarks>An event that cannot be is taken as if the room had just begun to join; so that column has no gap but one.</remarks>
public static class MeetingLife
{
    /// <summary>The table.</summary>
    public static LifeTable<MeetingStage, MeetingEvent> Table { get; } = new(
        //                              Scheduled  Joining       Lobby         Pending       Member        Reconnecting  Leaving  Ended
        (MeetingEvent.Due,             [Joining,   None,         None,         None,         None,         None,         None,    None]),
        (MeetingEvent.Stopped,         [Scheduled, None,         None,         None,         None,         None,         None,    None]),
        (MeetingEvent.Approaching,     [None,      Joining,      Joining,      Joining,      Reconnecting, Reconnecting, None,    None]),
        (MeetingEvent.TooEarly,        [None,      Lobby,        Lobby,        Lobby,        Lobby,        Lobby,        None,    None]),
        (MeetingEvent.Waiting,         [None,      Lobby,        Lobby,        Lobby,        Lobby,        Lobby,        None,    None]),
        (MeetingEvent.Admitted,        [None,      Pending,      Pending,      Pending,      Pending,      Pending,      None,    None]),
        (MeetingEvent.Merged,          [None,      Member,       Member,       Member,       Member,       Member,       None,    None]),
        (MeetingEvent.ConnectionLost,  [None,      Reconnecting, Reconnecting, Reconnecting, Reconnecting, Reconnecting, None,    None]),
        (MeetingEvent.LeaveWanted,     [None,      Leaving,      Leaving,      Leaving,      Leaving,      Leaving,      Leaving, None]),
        (MeetingEvent.PutOut,          [None,      Ended,        Ended,        Ended,        Ended,        Ended,        Ended,   Ended]),
        (MeetingEvent.Refused,         [None,      Ended,        Ended,        Ended,        Ended,        Ended,        Ended,   Ended]),
        (MeetingEvent.Over,            [Ended,     Ended,        Ended,        Ended,        Ended,        Ended,        Ended,   Ended]),
        (MeetingEvent.PowerLost,       [Scheduled, Scheduled,    Scheduled,    Scheduled,    Scheduled,    Scheduled,    Ended,   Ended]));

    private static MeetingStage? None => null;
}
