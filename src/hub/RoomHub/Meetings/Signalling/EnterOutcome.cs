namespace RoomAgent.Hub.Meetings;

/// <summary>What becomes of a wish to enter a meeting. The numbers are on the wire.</summary>
internal enum EnterOutcome
{
    /// <summary>The desk listens: say Hello.</summary>
    Entered = 1,

    /// <summary>There is no such meeting, or none for whoever asks; which of the two is nobody's business.</summary>
    Unknown = 2,

    /// <summary>It does not open yet.</summary>
    TooEarly = 3,

    /// <summary>Not at the moment: ask again in a second.</summary>
    Busy = 4,

    /// <summary>It has as many clients as it takes.</summary>
    Full = 5,
}

/// <summary>Why a seat is gone. The numbers are on the wire.</summary>
internal enum SeatEnd
{
    /// <summary>The meeting is served elsewhere, or anew: enter again.</summary>
    Moved = 1,

    /// <summary>The same participant entered by another connection. Whoever enters again now takes its seat away from itself.</summary>
    Replaced = 2,
}
