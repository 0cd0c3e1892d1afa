using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Calendar;

/// <summary>An occurrence as it stands in the agenda of an organisation.</summary>
/// <param name="Meeting">The meeting.</param>
/// <param name="Key">See <see cref="PlannedOccurrence"/>.</param>
/// <param name="Title">What this occurrence is called.</param>
/// <param name="Zone">The zone in which it was planned.</param>
/// <param name="StartsAt">When it starts.</param>
/// <param name="EndsAt">When it ends.</param>
/// <param name="Rooms">The rooms it is in.</param>
/// <param name="People">How many people are invited.</param>
internal sealed record AgendaEntry(Guid Meeting, long Key, string Title, string Zone, DateTimeOffset StartsAt, DateTimeOffset EndsAt, IReadOnlyList<Guid> Rooms, int People);

/// <summary>What an organisation has before it, each occurrence once, those without a room too. For people to look at; devices have <see cref="MeetingDirectory"/>.</summary>
internal sealed class Agenda(Database database)
{
    /// <summary>How far one can turn pages.</summary>
    public const int MostSkipped = 20_000;

    /// <summary>A page of the occurrences that end after a moment and start before another, by start.</summary>
    /// <param name="organisation">Whose.</param>
    /// <param name="room">Only those in a room.</param>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The last one.</param>
    /// <param name="skip">How many come before this page.</param>
    /// <param name="most">How many there are on it.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<List<AgendaEntry>> ListAsync(OrganisationId organisation, Guid? room, DateTimeOffset from, DateTimeOffset to, int skip, int most, CancellationToken cancel) => database.ReadAsync(
        transaction => room is { } only
            ? transaction.AllAsync(
                $"""
                SELECT o.meeting, o.original, m.body, o.starts_at, o.ends_at FROM calendar_place p
                JOIN calendar_occurrence o ON o.meeting = p.meeting AND o.original = p.original JOIN calendar_meeting m ON m.meeting = o.meeting
                WHERE p.room = {only.ToByteArray(bigEndian: true)} AND p.ends_at > {from} AND o.starts_at < {to} AND m.organisation = {organisation.ToBytes()}
                ORDER BY o.starts_at, o.meeting, o.original LIMIT {most} OFFSET {skip}
                """,
                Read,
                cancel)
            : transaction.AllAsync(
                $"""
                SELECT o.meeting, o.original, m.body, o.starts_at, o.ends_at FROM calendar_occurrence o JOIN calendar_meeting m ON m.meeting = o.meeting
                WHERE o.ends_at > {from} AND o.starts_at < {to} AND m.organisation = {organisation.ToBytes()}
                ORDER BY o.starts_at, o.meeting, o.original LIMIT {most} OFFSET {skip}
                """,
                Read,
                cancel),
        cancel);

    /// <summary>What an occurrence is called: <see langword="null"/> when the organisation has none of that name any more. The one of a personal room is called as the room.</summary>
    public Task<string?> TitleAsync(OrganisationId organisation, MeetingInstance instance, CancellationToken cancel) => database.ReadAsync(
        async transaction => await transaction.FirstAsync(
            $"SELECT o.meeting, o.original, m.body, o.starts_at, o.ends_at FROM calendar_occurrence o JOIN calendar_meeting m ON m.meeting = o.meeting WHERE o.meeting = {instance.MeetingId} AND o.instance = {instance.Instance} AND m.organisation = {organisation.ToBytes()}",
            row => Read(row).Title,
            cancel)
            ?? await transaction.FirstAsync($"SELECT name FROM room WHERE room = {instance.MeetingId} AND organisation = {organisation.ToBytes()}", row => row.Text(0), cancel),
        cancel);

    private static AgendaEntry Read(Row row)
    {
        MeetingPlan plan = MeetingPlan.Of(row.Text(2));
        long key = row.Long(1);
        PlannedChange? change = Occurrences.OriginalOf(key) is { } original ? plan.ChangeOf(original) : null;
        return new AgendaEntry(new Guid(row.Bytes(0), bigEndian: true), key, change?.Title ?? plan.Title, plan.Zone, row.Time(3), row.Time(4), change?.Rooms ?? plan.Rooms, plan.People.Count);
    }
}
