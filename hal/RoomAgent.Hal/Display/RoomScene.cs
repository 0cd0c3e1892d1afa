namespace RoomAgent.Hal;

/// <summary>What a room is doing, as far as its display shows it. Nothing here knows of drawing.</summary>
public abstract record RoomScene
{
    private protected RoomScene()
    {
    }
}

/// <summary>The agent runs and does not know yet what comes next.</summary>
public sealed record StartingScene : RoomScene;

/// <summary>The room belongs to nobody and knows no hub: someone has to bring a setup code.</summary>
public sealed record SetupScene : RoomScene;

/// <summary>A hub answers that nobody vouches for: someone has to compare its words with those on its page.</summary>
/// <param name="Words">Six words with hyphens between them.</param>
public sealed record HubWordsScene(string Words) : RoomScene;

/// <summary>The room becomes a member of an organisation.</summary>
public sealed record RegisteringScene : RoomScene;

/// <summary>An organisation has claimed the room; shown for a while, so that people in it can object.</summary>
/// <param name="Organisation">What it is called.</param>
public sealed record ClaimedScene(string Organisation) : RoomScene;

/// <summary>The device has an organisation and no room yet: an administrator has to say where it stands.</summary>
public sealed record WhichRoomScene : RoomScene;

/// <summary>A meeting will be joined, unless somebody in the room stops that.</summary>
/// <param name="Meeting">What the meeting is called.</param>
/// <param name="JoinsAt">When. The time left is shown in seconds.</param>
/// <param name="Protection">How the meeting is protected.</param>
public sealed record CountdownScene(string Meeting, DateTimeOffset JoinsAt, MeetingProtection Protection) : RoomScene
{
    /// <summary>Whether camera and microphones are on as soon as the room is in the meeting; else they stay off until somebody in the room turns them on.</summary>
    public bool IsOnAtOnce { get; init; }
}

/// <summary>The room belongs to nobody yet: someone has to type its code at the hub (RFC 8628 section 3.3).</summary>
/// <param name="Code">The code to type. It is shown in two halves; what its sender put between them is left out.</param>
/// <param name="Address">Where it is typed (<c>verification_uri</c>), short enough to be typed too.</param>
/// <param name="ScanAddress">What the QR code holds (<c>verification_uri_complete</c>); there is none when this is empty or too long.</param>
/// <param name="ValidUntil">When the code ends. The time left is shown in minutes.</param>
public sealed record PairingScene(string Code, string Address, string ScanAddress, DateTimeOffset ValidUntil) : RoomScene
{
    /// <summary>Six digits that the page must show too before anybody says yes: else it is another device's code. May be empty.</summary>
    public string Digits { get; init; } = "";

    /// <summary>The hub's words, for those who want to compare them with its page. May be empty.</summary>
    public string HubWords { get; init; } = "";
}

/// <summary>No meeting: the day of the room. Camera and microphones are off, and the screen says so.</summary>
/// <param name="Today">What the calendar has, in any order; what is over is left out.</param>
public sealed record IdleScene(IReadOnlyList<CalendarEntry> Today) : RoomScene
{
    /// <summary>Until when the room joins nothing by itself; <see langword="null"/> when it does.</summary>
    public DateTimeOffset? DoNotDisturbUntil { get; init; }
}

/// <summary>Something in a room's calendar.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it ends.</param>
/// <param name="Title">What it is called. A private one has none: leave it empty, and words for that are shown.</param>
/// <param name="Organizer">Whose meeting it is; may be empty.</param>
public sealed record CalendarEntry(DateTimeOffset Start, DateTimeOffset End, string Title, string Organizer)
{
    /// <summary>The service of someone else at which it takes place, where this room cannot join; empty for a meeting that it can.</summary>
    public string Elsewhere { get; init; } = "";
}

/// <summary>On the way into a meeting.</summary>
/// <param name="Meeting">What the meeting is called.</param>
/// <param name="Reason">What is being waited for.</param>
/// <param name="Protection">How the meeting is protected.</param>
public sealed record WaitingScene(string Meeting, WaitingReason Reason, MeetingProtection Protection) : RoomScene
{
    /// <summary>The room's own picture, when its camera runs already.</summary>
    public TileId? SelfView { get; init; }
}

/// <summary>What a room waits for before it is in a meeting.</summary>
public enum WaitingReason
{
    /// <summary>The connection is being made.</summary>
    Joining,

    /// <summary>It is too early, or the host is not there and the meeting cannot begin without.</summary>
    NotStarted,

    /// <summary>A host has to let the room in.</summary>
    Lobby,
}

/// <summary>The way to the meeting is broken and is being mended. Nothing of the room is sent meanwhile, and the screen says so.</summary>
/// <param name="Meeting">What the meeting is called.</param>
public sealed record ReconnectingScene(string Meeting) : RoomScene;

/// <summary>The room has left a meeting because somebody in it wanted to, or leaves it now.</summary>
/// <param name="Meeting">What the meeting is called.</param>
public sealed record LeftScene(string Meeting) : RoomScene;

/// <summary>The room cannot go on, or a meeting is over: what happened, and what someone in the room can do.</summary>
/// <param name="What">What happened.</param>
public sealed record TroubleScene(Trouble What) : RoomScene
{
    /// <summary>For whoever is asked for help, such as the meeting's name or an address: one line, shown small. May be empty.</summary>
    public string Detail { get; init; } = "";
}
