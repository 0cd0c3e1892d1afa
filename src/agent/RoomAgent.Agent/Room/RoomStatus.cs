using RoomAgent.Agent.Calendar;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;

namespace RoomAgent.Agent.Room;

/// <summary>How the room stands, for the screen, the local interface and tests: a value that never changes. A new one is made for each change.</summary>
public sealed record RoomStatus
{
    /// <summary>How far the device has come.</summary>
    public DevicePhase Phase { get; init; }

    /// <summary>How things stand between the device and its hub, with codes and words to show.</summary>
    public CloudState Account { get; init; } = new CloudState.NoHub();

    /// <summary>What people call the room; empty before the hub has said.</summary>
    public string RoomName { get; init; } = "";

    /// <summary>The name in the device's certificate; <see langword="null"/> before it has one.</summary>
    public string? DnsName { get; init; }

    /// <summary>Until when the device's certificate is good; <see langword="null"/> before it has one.</summary>
    public DateTimeOffset? CertifiedUntil { get; init; }

    /// <summary>Whether the time is known: from the hub's signed answer, or a clock that is not below its floor.</summary>
    public bool IsTimeKnown { get; init; }

    /// <summary>Whether the hub does not know yet in which room the device stands: an administrator has to say so.</summary>
    public bool IsWithoutRoom { get; init; }

    /// <summary>What the room's calendar has, soonest first.</summary>
    public IReadOnlyList<Occurrence> Calendar { get; init; } = [];

    /// <summary>The meeting that the room is about to join, and when; anybody in the room can stop that.</summary>
    public Countdown? Countdown { get; init; }

    /// <summary>Whether the room's policy is to be heard and seen as soon as it is in a meeting.</summary>
    public bool JoinsUnmuted { get; init; }

    /// <summary>Until when no meeting is joined by itself; <see langword="null"/> when they are.</summary>
    public DateTimeOffset? DoNotDisturbUntil { get; init; }

    /// <summary>The meeting that the room is in, on its way into, or was in until just now.</summary>
    public MeetingStatus? Meeting { get; init; }

    /// <summary>Whether nobody hears the room. Muted is closed: the microphones are not open then.</summary>
    public bool IsMuted { get; init; } = true;

    /// <summary>Whether nobody sees the room. Off is closed.</summary>
    public bool IsCameraOff { get; init; } = true;

    /// <summary>Whether the security page is shown.</summary>
    public bool IsSecurityShown { get; init; }

    /// <summary>When the room is told to make place: minutes until its next booking, 5 or 1; <see langword="null"/> when it is not.</summary>
    public int? NextBookingInMinutes { get; init; }
}

/// <summary>A meeting that will be joined.</summary>
/// <param name="What">Which one.</param>
/// <param name="JoinsAt">When, by the room's clock.</param>
public sealed record Countdown(Occurrence What, DateTimeOffset JoinsAt);

/// <summary>A meeting as the room sees it.</summary>
public sealed record MeetingStatus
{
    /// <summary>Which one.</summary>
    public required OccurrenceName Name { get; init; }

    /// <summary>What it is called.</summary>
    public required string Title { get; init; }

    /// <summary>How far the room has come.</summary>
    public MeetingStage Stage { get; init; }

    /// <summary>Whether it is end-to-end encrypted; otherwise the service could listen.</summary>
    public bool IsEndToEnd { get; init; } = true;

    /// <summary>Whether the hub lets nobody in yet; it is tried again by itself.</summary>
    public bool IsTooEarly { get; init; }

    /// <summary>Who vouches for this room's own name; empty when nobody does on whom it relies itself.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Why it ended, when it did; <see langword="null"/> when it did not, or because we wanted to.</summary>
    public Trouble? Trouble { get; init; }

    /// <summary>The generation of the group.</summary>
    public uint Generation { get; init; }

    /// <summary>The epoch; <see langword="null"/> outside the group.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>The security code to show.</summary>
    public ShownCode Code { get; init; }

    /// <summary>The epoch's authenticator (RFC 9420 section 8.7), for programs that compare; empty outside.</summary>
    public string Authenticator { get; init; } = "";

    /// <summary>Who is in the meeting, as the group proves it; this room among them.</summary>
    public IReadOnlyList<MemberStatus> Members { get; init; } = [];

    /// <summary>For a host: who waits to be let in.</summary>
    public IReadOnlyList<WaitingStatus> Waiting { get; init; } = [];

    /// <summary>Whether this room is a host.</summary>
    public bool IsHost { get; init; }

    /// <summary>Whether nobody new is let in.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether nobody enters unless a host's device signed for it.</summary>
    public bool IsStrict { get; init; }

    /// <summary>In what the group differs from what the room was invited to.</summary>
    public PolicyDifferences Differences { get; init; }

    /// <summary>Whether somebody came to the same epoch by another way: the service shows different things to different members.</summary>
    public bool IsForked { get; init; }

    /// <summary>Whether something that a host decided in this room is not in force for so long that the service seems to withhold it.</summary>
    public bool IsDecisionOpen { get; init; }

    /// <summary>Whether the service has lost a part of the meeting that this room has: it sends nothing and waits for a new group.</summary>
    public bool IsServiceBehind { get; init; }

    /// <summary>Who came and went since the room is in the meeting, the newest last; no more than the last <see cref="MostChanges"/>.</summary>
    public IReadOnlyList<RosterChange> Changes { get; init; } = [];

    /// <summary>How many changes of the roster are remembered.</summary>
    public const int MostChanges = 32;

    /// <summary>How media travels.</summary>
    public MediaStatus Media { get; init; } = new();
}

/// <summary>Somebody came into the meeting or went.</summary>
/// <param name="Who">Key and name.</param>
/// <param name="Name">What to show.</param>
/// <param name="HasCome">Whether they came; else they went.</param>
/// <param name="Cause">Who caused it: that it was a host is proven by its signature, whatever the service says; all else is the service's word.</param>
/// <param name="Epoch">The epoch that began by it.</param>
public sealed record RosterChange(Participant Who, string Name, bool HasCome, RosterCause Cause, ulong Epoch);

/// <summary>A member of a meeting.</summary>
/// <param name="Leaf">Its leaf, which names its streams.</param>
/// <param name="Who">Its key and name.</param>
/// <param name="Name">What to show.</param>
/// <param name="Verdict">What this room thinks of that.</param>
public sealed record MemberStatus(LeafIndex Leaf, Participant Who, string Name, IdentityVerdict Verdict)
{
    /// <summary>Why the verdict is not the best one, in words for the local interface; empty when it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether this is the room itself.</summary>
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

    /// <summary>Whether it has not said so for so long that people are told.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether it has not said so for so long that people are warned.</summary>
    public bool IsSilentForLong { get; init; }
}

/// <summary>Somebody in the lobby.</summary>
/// <param name="Who">Key and name.</param>
/// <param name="Name">What to show.</param>
/// <param name="Verdict">What this room thinks of that.</param>
public sealed record WaitingStatus(Participant Who, string Name, IdentityVerdict Verdict);

/// <summary>How media travels.</summary>
public sealed record MediaStatus
{
    /// <summary>The transport in use, such as <c>UDP 5004</c>; empty when there is none.</summary>
    public string Transport { get; init; } = "";

    /// <summary>Which encoder runs, and whether it is hardware; empty when none does.</summary>
    public string Encoder { get; init; } = "";

    /// <summary>Bits a second that the network bears, as estimated.</summary>
    public int TargetBitRate { get; init; }

    /// <summary>The time to the node and back; <see langword="null"/> before it was measured.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Encoded pictures sent.</summary>
    public long PicturesSent { get; init; }

    /// <summary>Packets of sound sent.</summary>
    public long SoundsSent { get; init; }

    /// <summary>Frames that could not be opened, whatever the reason.</summary>
    public long Undecryptable { get; init; }

    /// <summary>What is received.</summary>
    public IReadOnlyList<StreamStatus> Streams { get; init; } = [];
}

/// <summary>A stream that is received.</summary>
/// <param name="Leaf">Whose.</param>
/// <param name="IsVideo">Pictures; otherwise sound.</param>
/// <param name="Frames">Frames opened; of pictures, decoded.</param>
/// <param name="Lost">Packets lost for good.</param>
public sealed record StreamStatus(int Leaf, bool IsVideo, long Frames, long Lost)
{
    /// <summary>Of sound: whether somebody has spoken in the second before, by what its sender says (RFC 6464).</summary>
    public bool IsSpeaking { get; init; }

    /// <summary>Of pictures: the longest pause between two in the last seconds.</summary>
    public TimeSpan LongestPause { get; init; }
}

/// <summary>How far the device has come.</summary>
public enum DevicePhase
{
    /// <summary>Just started: what is kept is being read.</summary>
    Starting = 0,

    /// <summary>Belongs to nobody.</summary>
    Unpaired = 1,

    /// <summary>On the way to belonging to somebody: a hub whose words are to be compared, a code on the display, a registration.</summary>
    Pairing = 2,

    /// <summary>Has an account, and gets connection, certificate and calendar.</summary>
    Paired = 3,

    /// <summary>Connected, certified: meetings are joined.</summary>
    Registered = 4,

    /// <summary>Has an account; the hub is not reached. The calendar kept goes on.</summary>
    Offline = 5,

    /// <summary>Its access was taken away. What was kept of the organisation is wiped.</summary>
    Revoked = 6,
}

/// <summary>How far a room has come with a meeting.</summary>
public enum MeetingStage
{
    /// <summary>It is in the calendar, or its countdown runs.</summary>
    Scheduled = 0,

    /// <summary>On the way in: connection, seat, greeting, founding.</summary>
    Joining = 1,

    /// <summary>Waits until somebody lets it in, or until it may begin.</summary>
    Lobby = 2,

    /// <summary>Let in, waits to be added.</summary>
    Pending = 3,

    /// <summary>In the meeting.</summary>
    Member = 4,

    /// <summary>The way to the meeting is broken and is being mended; the place in the group is kept as long as the service lets it.</summary>
    Reconnecting = 5,

    /// <summary>Says good-bye.</summary>
    Leaving = 6,

    /// <summary>Over, for this room.</summary>
    Ended = 7,
}
