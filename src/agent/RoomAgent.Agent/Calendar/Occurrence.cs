using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Calendar;

/// <summary>Names an occurrence of a meeting.</summary>
/// <param name="MeetingId">The meeting.</param>
/// <param name="Instance">The occurrence: 16 bytes.</param>
public readonly record struct OccurrenceName(ByteString MeetingId, ByteString Instance);

/// <summary>Something in the room's calendar.</summary>
/// <param name="Name">Which one.</param>
/// <param name="StartsAt">When it begins.</param>
/// <param name="EndsAt">When it is to end.</param>
public sealed record Occurrence(OccurrenceName Name, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
{
    /// <summary>What it is called; empty when it is private.</summary>
    public string Title { get; init; } = "";

    /// <summary>Whose meeting it is; may be empty.</summary>
    public string Organiser { get; init; } = "";

    /// <summary>From when on the hub lets anybody in.</summary>
    public DateTimeOffset OpensAt { get; init; }

    /// <summary>What everybody who comes agrees on; <see langword="null"/> for a meeting that this room cannot join.</summary>
    public RoomPolicy? Policy { get; init; }

    /// <summary>The other service at which it takes place, such as <c>Microsoft Teams</c>; <see langword="null"/> for one of ours. Shown as one that this room cannot join.</summary>
    public string? Elsewhere { get; init; }
}
