using System.Text.Json;
using System.Text.Json.Serialization;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>A meeting as it was planned. Kept as JSON; a member that is added later has a default.</summary>
internal sealed record MeetingPlan
{
    /// <summary>The longest title, in letters.</summary>
    public const int MaxTitle = 200;

    /// <summary>The most rooms.</summary>
    public const int MaxRooms = 64;

    /// <summary>The most people.</summary>
    public const int MaxPeople = 200;

    /// <summary>The most of each kind of dates that differ from the rule.</summary>
    public const int MaxDates = 500;

    /// <summary>The longest occurrence.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromDays(14);

    // Dates outside are mistakes, or somebody's idea of keeping us busy.
    private static readonly DateTime s_first = new(1970, 1, 2);
    private static readonly DateTime s_last = new(2200, 1, 1);

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Title { get; init; }

    /// <summary>What the organiser is called; may be empty.</summary>
    public string OrganiserName { get; init; } = "";

    /// <summary>The organiser's mailbox.</summary>
    public string? Organiser { get; init; }

    /// <summary>The IANA name of the zone that all local times are in.</summary>
    public required string Zone { get; init; }

    /// <summary>When the first occurrence starts, in local time.</summary>
    public required DateTime Start { get; init; }

    public required long DurationSeconds { get; init; }

    /// <summary>See <see cref="RepeatRule"/>.</summary>
    public string? Rule { get; init; }

    /// <summary>Occurrences of the rule that there are not (EXDATE).</summary>
    public IReadOnlyList<DateTime> Excluded { get; init; } = [];

    /// <summary>Occurrences that the rule does not have (RDATE).</summary>
    public IReadOnlyList<DateTime> Added { get; init; } = [];

    /// <summary>Occurrences that differ from the others (RECURRENCE-ID).</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>The invited rooms, the one that is host for want of people first.</summary>
    public IReadOnlyList<Guid> Rooms { get; init; } = [];

    /// <summary>The mailboxes of the invited people.</summary>
    public IReadOnlyList<string> People { get; init; } = [];

    /// <summary>It never changes once the meeting is made.</summary>
    public MeetingClass Class { get; init; } = MeetingClass.EndToEnd;

    public bool MustWaitForHost { get; init; }

    public bool IsStrict { get; init; }

    public bool IsLocked { get; init; }

    /// <summary>Mailboxes of people who are hosts.</summary>
    public IReadOnlyList<string> HostPeople { get; init; } = [];

    /// <summary>Rooms that are hosts.</summary>
    public IReadOnlyList<Guid> HostRooms { get; init; } = [];

    /// <summary>The other service at which an imported meeting takes place, such as <c>Zoom</c>; rooms show it and do not join.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>Whether it has more than the one occurrence.</summary>
    [JsonIgnore]
    public bool Repeats => Rule is not null || Added.Count > 0;

    /// <summary>Whether a date is one that meetings have.</summary>
    public static bool IsReasonable(DateTime local) => local >= s_first && local < s_last;

    /// <summary>Whether a length is one that meetings have.</summary>
    public static bool IsReasonable(TimeSpan duration) => duration > TimeSpan.Zero && duration <= MaxDuration;

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static MeetingPlan Of(string json) => JsonSerializer.Deserialize<MeetingPlan>(json, s_json)!;

    /// <summary>The plan as it is kept: the same plan is always the same text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>The difference that an occurrence has.</summary>
    public PlannedChange? ChangeOf(DateTime original) => Changes.FirstOrDefault(change => change.Original == original);

    /// <summary>The plan with one occurrence changed, or as the others again.</summary>
    public MeetingPlan With(DateTime original, PlannedChange? change)
    {
        IEnumerable<PlannedChange> others = Changes.Where(other => other.Original != original);
        return this with { Changes = [.. (change is null ? others : others.Append(change)).OrderBy(other => other.Original)] };
    }
}

/// <summary>In what one occurrence differs. What is not said is as in all of them.</summary>
internal sealed record PlannedChange
{
    /// <summary>When the rule has it, in local time.</summary>
    public required DateTime Original { get; init; }

    public bool IsCancelled { get; init; }

    public DateTime? Start { get; init; }

    public long? DurationSeconds { get; init; }

    public string? Title { get; init; }

    public IReadOnlyList<Guid>? Rooms { get; init; }

    /// <summary>See <see cref="MeetingPlan.Elsewhere"/>; empty when this one takes place here.</summary>
    public string? Elsewhere { get; init; }
}
