namespace RoomAgent.XApi;

/// <summary>The room as the local interface tells it: what its display shows too, and no secret.</summary>
public sealed record RoomView
{
    /// <summary>Counts changes: whoever has seen this one asks for what comes after it.</summary>
    public long Version { get; init; }

    /// <summary>How far the device has come: <c>Starting</c>, <c>Unpaired</c>, <c>Pairing</c>, <c>Paired</c>, <c>Registered</c>, <c>Offline</c> or <c>Revoked</c>.</summary>
    public string Phase { get; init; } = "";

    /// <summary>How things stand with the hub.</summary>
    public AccountView Account { get; init; } = new();

    /// <summary>What people call the room; empty before the hub has said.</summary>
    public string RoomName { get; init; } = "";

    /// <summary>The name in the device's certificate.</summary>
    public string? DnsName { get; init; }

    /// <summary>Until when that certificate is good.</summary>
    public DateTimeOffset? CertifiedUntil { get; init; }

    /// <summary>Whether the time is known.</summary>
    public bool IsTimeKnown { get; init; }

    /// <summary>Whether the hub does not know yet in which room the device stands.</summary>
    public bool IsWithoutRoom { get; init; }

    /// <summary>What the calendar has, soonest first.</summary>
    public IReadOnlyList<BookingView> Calendar { get; init; } = [];

    /// <summary>The meeting that is about to be joined.</summary>
    public CountdownView? Countdown { get; init; }

    /// <summary>Until when no meeting is joined by itself.</summary>
    public DateTimeOffset? DoNotDisturbUntil { get; init; }

    /// <summary>The meeting that the room is in, on its way into, or was in until just now.</summary>
    public MeetingView? Meeting { get; init; }

    /// <summary>Whether nobody hears the room.</summary>
    public bool IsMuted { get; init; }

    /// <summary>Whether nobody sees the room.</summary>
    public bool IsCameraOff { get; init; }

    /// <summary>Whether the security page is shown.</summary>
    public bool IsSecurityShown { get; init; }

    /// <summary>Minutes until the next booking, when the room is told to make place.</summary>
    public int? NextBookingInMinutes { get; init; }
}

/// <summary>How things stand between the device and its hub.</summary>
public sealed record AccountView
{
    /// <summary><c>NoHub</c>, <c>HubUnknown</c>, <c>HubRefused</c>, <c>Pairing</c>, <c>Registering</c>, <c>Claimed</c>, <c>Paired</c>, <c>Unreachable</c>, <c>StorageFailed</c> or <c>Unpaired</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>Why, in a word, where there is one.</summary>
    public string? Why { get; init; }

    /// <summary>The six words of a hub that is to be confirmed, or that the code is for.</summary>
    public string? Words { get; init; }

    /// <summary>The code that an administrator enters.</summary>
    public string? Code { get; init; }

    /// <summary>Where.</summary>
    public string? Page { get; init; }

    /// <summary>What that page must show too.</summary>
    public string? Digits { get; init; }

    /// <summary>When another code will be shown.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose the device is.</summary>
    public string? Organisation { get; init; }
}

/// <summary>Something in the calendar.</summary>
public record BookingView
{
    /// <summary>The meeting, in hexadecimal.</summary>
    public string MeetingId { get; init; } = "";

    /// <summary>The occurrence, in hexadecimal.</summary>
    public string Instance { get; init; } = "";

    /// <summary>What it is called; empty when it is private.</summary>
    public string Title { get; init; } = "";

    /// <summary>Whose it is; may be empty.</summary>
    public string Organiser { get; init; } = "";

    /// <summary>When it begins.</summary>
    public DateTimeOffset StartsAt { get; init; }

    /// <summary>When it is to end.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>Whether this room can join it.</summary>
    public bool CanJoin { get; init; }

    /// <summary>The other service at which it takes place.</summary>
    public string? Elsewhere { get; init; }
}

/// <summary>A meeting that will be joined.</summary>
public sealed record CountdownView : BookingView
{
    /// <summary>When.</summary>
    public DateTimeOffset JoinsAt { get; init; }
}

/// <summary>A calendar.</summary>
/// <param name="Booking">What is in it, soonest first.</param>
public sealed record BookingList(IReadOnlyList<BookingView> Booking);

/// <summary>A meeting as the room sees it.</summary>
public sealed record MeetingView
{
    /// <summary>The meeting, in hexadecimal.</summary>
    public string MeetingId { get; init; } = "";

    /// <summary>The occurrence, in hexadecimal.</summary>
    public string Instance { get; init; } = "";

    /// <summary>What it is called.</summary>
    public string Title { get; init; } = "";

    /// <summary>How far the room has come: <c>Scheduled</c>, <c>Joining</c>, <c>Lobby</c>, <c>Pending</c>, <c>Member</c>, <c>Reconnecting</c>, <c>Leaving</c> or <c>Ended</c>.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Whether it is end-to-end encrypted; otherwise the service could listen.</summary>
    public bool IsEndToEnd { get; init; }

    /// <summary>Why it ended, in a word.</summary>
    public string? Trouble { get; init; }

    /// <summary>The generation of the group.</summary>
    public uint Generation { get; init; }

    /// <summary>The epoch.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>The security code.</summary>
    public CodeView? Code { get; init; }

    /// <summary>Who is in it, this room among them.</summary>
    public IReadOnlyList<MemberView> Members { get; init; } = [];

    /// <summary>For a host: who waits to be let in.</summary>
    public IReadOnlyList<WaitingView> Waiting { get; init; } = [];

    /// <summary>Whether this room is a host.</summary>
    public bool IsHost { get; init; }

    /// <summary>Whether nobody new is let in.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether nobody enters unless a host's device signed for it.</summary>
    public bool IsStrict { get; init; }

    /// <summary>In what the group differs from what the room was invited to; <c>None</c> for nothing.</summary>
    public string Differences { get; init; } = "";

    /// <summary>Whether the service shows different things to different members.</summary>
    public bool IsForked { get; init; }

    /// <summary>Whether something that a host decided in this room is not in force for long.</summary>
    public bool IsDecisionOpen { get; init; }

    /// <summary>Whether the service has lost a part of the meeting that this room has.</summary>
    public bool IsServiceBehind { get; init; }

    /// <summary>Who came and went last, the newest last.</summary>
    public IReadOnlyList<ChangeView> Changes { get; init; } = [];

    /// <summary>How media travels.</summary>
    public MediaView Media { get; init; } = new();

    /// <summary>What people have to know of, in sentences, the worst first; none when all is well.</summary>
    public IEnumerable<string> Warnings()
    {
        if (IsForked)
            yield return "The service shows different things to different members.";
        if (IsServiceBehind)
            yield return "The service has lost a part of the meeting: nothing is sent until it has begun anew.";
        if (IsDecisionOpen)
            yield return "What a host decided here is not done: whoever was to go still sees and hears you.";
        if (Differences is not ("" or "None"))
            yield return $"Not what the room was invited to: {Differences}.";
    }
}

/// <summary>Somebody came into a meeting or went.</summary>
/// <param name="Name">What to show.</param>
/// <param name="HasCome">Whether they came; else they went.</param>
/// <param name="Cause">Who caused it: <c>Host</c>, which its signature proves, or, by the service's word, <c>Service</c>, <c>Own</c> or <c>Lost</c>.</param>
/// <param name="Epoch">The epoch that began by it.</param>
public sealed record ChangeView(string Name, bool HasCome, string Cause, ulong Epoch);

/// <summary>The security code. Codes compare only at equal epochs.</summary>
public sealed record CodeView
{
    /// <summary><c>Current</c>, <c>Changing</c> or <c>Frozen</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Its epoch.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Six groups of five digits.</summary>
    public string Short { get; init; } = "";

    /// <summary>All twelve groups.</summary>
    public string Full { get; init; } = "";

    /// <summary>The form for machines.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Members of its epoch.</summary>
    public int Members { get; init; }
}

/// <summary>Somebody in the lobby.</summary>
public record WaitingView
{
    /// <summary>Names them in commands.</summary>
    public string ParticipantId { get; init; } = "";

    /// <summary>What to show.</summary>
    public string Name { get; init; } = "";

    /// <summary>What this room thinks of that: <c>Verified</c>, <c>Vouched</c>, <c>Unverified</c>, <c>Expired</c> or <c>Revoked</c>.</summary>
    public string Verdict { get; init; } = "";
}

/// <summary>A member of a meeting.</summary>
public sealed record MemberView : WaitingView
{
    /// <summary>Its leaf in the group, which names its streams.</summary>
    public int Leaf { get; init; }

    /// <summary>Why the verdict is not the best one.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether it is the room itself.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Whether it is a host.</summary>
    public bool IsHost { get; init; }

    /// <summary>Whether it says that it is muted.</summary>
    public bool IsMuted { get; init; }

    /// <summary>Whether it says that its camera is off.</summary>
    public bool IsCameraOff { get; init; }

    /// <summary>Whether it is heard now.</summary>
    public bool IsSpeaking { get; init; }

    /// <summary>Whether it has said in this epoch that it is in the same state as we.</summary>
    public bool IsConfirmed { get; init; }
}

/// <summary>How media travels.</summary>
public sealed record MediaView
{
    /// <summary>The transport in use; empty when there is none.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Which encoder runs.</summary>
    public string Encoder { get; init; } = "";

    /// <summary>Bits a second that the network bears.</summary>
    public int TargetBitRate { get; init; }

    /// <summary>Milliseconds to the node and back.</summary>
    public double? RoundTrip { get; init; }

    /// <summary>Encoded pictures sent.</summary>
    public long PicturesSent { get; init; }

    /// <summary>Packets of sound sent.</summary>
    public long SoundsSent { get; init; }

    /// <summary>Frames that could not be opened.</summary>
    public long Undecryptable { get; init; }

    /// <summary>What is received.</summary>
    public IReadOnlyList<StreamView> Streams { get; init; } = [];
}

/// <summary>A stream that is received.</summary>
/// <param name="Leaf">Whose.</param>
/// <param name="IsVideo">Pictures; otherwise sound.</param>
/// <param name="Frames">Frames opened; of pictures, decoded.</param>
/// <param name="Lost">Packets lost for good.</param>
public sealed record StreamView(int Leaf, bool IsVideo, long Frames, long Lost)
{
    /// <summary>Of pictures: milliseconds of the longest pause between two in the last seconds.</summary>
    public double LongestPause { get; init; }
}
