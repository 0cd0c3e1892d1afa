using RoomAgent.Hub.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>What the calendar knows of occurrences of meetings. A port: who serves a meeting asks, who keeps calendars answers.</summary>
public interface IMeetingDirectory
{
    /// <summary>One occurrence: <see langword="null"/> when there is none of that name, or it was called off.</summary>
    Task<ScheduledMeeting?> FindAsync(MeetingInstance instance, CancellationToken cancel);
}

/// <summary>One occurrence of a meeting, as it was scheduled.</summary>
/// <param name="Organisation">Whose meeting it is.</param>
/// <param name="Policy">The policy of generation 0: class, hosts, anchors, strict.</param>
/// <param name="OpensAt">From when on it may be joined.</param>
/// <param name="EndsAt">When it is scheduled to end, which cuts nobody off.</param>
/// <param name="Invited">Who may enter without anybody's help when it is neither strict nor locked: identities such as <c>dns:room1.example.org</c>.</param>
public sealed record ScheduledMeeting(OrganisationId Organisation, RoomPolicy Policy, DateTimeOffset OpensAt, DateTimeOffset EndsAt, IReadOnlySet<ByteString> Invited)
{
    /// <summary>Whether those who are invited wait until a host is there, who alone may found the group.</summary>
    public bool WaitsForHost { get; init; }
}
