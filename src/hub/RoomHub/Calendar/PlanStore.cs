using System.Security.Cryptography;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>A meeting as it is kept.</summary>
/// <param name="Id">Which.</param>
/// <param name="Organisation">Whose.</param>
/// <param name="Source">The calendar that it comes from; empty when it was made here or uploaded.</param>
/// <param name="Uid">Its name among those of the source.</param>
/// <param name="Sequence">How often the source has changed it.</param>
/// <param name="Stamp">When the source wrote it.</param>
/// <param name="Version">Rises with each change here.</param>
/// <param name="Plan">What was planned.</param>
internal sealed record KeptMeeting(Guid Id, OrganisationId Organisation, byte[] Source, string Uid, int Sequence, DateTimeOffset Stamp, long Version, MeetingPlan Plan);

/// <summary>An occurrence as it is kept.</summary>
internal sealed record KeptOccurrence(long Key, byte[] Instance, DateTimeOffset StartsAt, DateTimeOffset EndsAt);

/// <summary>Meetings and their occurrences in the database. What an occurrence is called among members (its instance) is made once and stays, whatever is changed about it or about others.</summary>
internal sealed class PlanStore(Database database)
{
    /// <summary>The most meetings of an organisation.</summary>
    public const int MostMeetings = 50_000;

    /// <summary>What a page of a list has at the most.</summary>
    public const int MostListed = 100;

    private const int MostAttempts = 5;
    private const int MostRolled = 50;
    private const int MostForgotten = 1_000;

    /// <summary>A page of the meetings of an organisation, by their ids.</summary>
    public Task<List<KeptMeeting>> ListAsync(OrganisationId organisation, Guid? after, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT meeting, organisation, source, uid, sequence, stamp, version, body FROM calendar_meeting WHERE organisation = {organisation.ToBytes()} AND meeting > {(after is { } id ? Bytes(id) : [])} ORDER BY meeting LIMIT {MostListed}",
            Read,
            cancel),
        cancel);

    /// <summary>A meeting of an organisation, and its occurrences that are not over.</summary>
    public Task<(KeptMeeting? Meeting, List<KeptOccurrence> Occurrences)> FindAsync(OrganisationId organisation, Guid meeting, DateTimeOffset now, CancellationToken cancel) => database.ReadAsync<(KeptMeeting?, List<KeptOccurrence>)>(
        async transaction => await FindAsync(transaction, organisation, meeting, cancel) is { } found ? (found, await OccurrencesAsync(transaction, meeting, now, cancel)) : (null, []),
        cancel);

    /// <summary>Changes a meeting: reads it, lets <paramref name="change"/> decide, keeps what it gives.</summary>
    /// <param name="organisation">Whose it must be.</param>
    /// <param name="meeting">Which.</param>
    /// <param name="version">The version that the one who changes it has seen; any without one.</param>
    /// <param name="change">Gives the plan that is to be; <see langword="null"/> for none, so that nothing happens.</param>
    /// <param name="actor">Who.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The meeting as it is then: <see langword="null"/> when there is none; and whether it was changed.</returns>
    public async Task<(KeptMeeting? Meeting, bool IsChanged)> ChangeAsync(OrganisationId organisation, Guid meeting, long? version, Func<MeetingPlan, MeetingPlan?> change, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            // 1. What is there, and what is to be.
            KeptMeeting? before = await database.ReadAsync(transaction => FindAsync(transaction, organisation, meeting, cancel), cancel);
            if (before is null)
                return (null, false);
            if ((version is { } seen && seen != before.Version) || change(before.Plan) is not { } plan)
                return (before, false);

            Timetable timetable = Timetable.Of(plan, now);

            // 2. Unless somebody else was quicker.
            KeptMeeting? after = await database.WriteAsync(
                async transaction =>
                {
                    if ((await FindAsync(transaction, organisation, meeting, cancel))?.Version != before.Version)
                        return null;

                    var touched = new HashSet<Guid>();
                    KeptMeeting kept = await SaveAsync(transaction, before with { Plan = plan }, timetable, isNew: false, touched, now, cancel);
                    await AccountStore.NoteAsync(transaction, CalendarEvents.MeetingChanged, organisation, null, actor, now, cancel, Bytes(meeting));
                    await CalendarChanges.AnnounceRoomsAsync(transaction, touched, cancel);
                    return kept;
                },
                cancel: cancel);
            if (after is not null)
                return (after, true);
            if (attempt == MostAttempts)
                throw new StoreException(StoreFault.Busy, "The meeting was changed by others all the time.");
        }
    }

    /// <summary>Makes a meeting.</summary>
    /// <returns><see langword="null"/> when there are too many.</returns>
    public Task<KeptMeeting?> AddAsync(OrganisationId organisation, MeetingPlan plan, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        Timetable timetable = Timetable.Of(plan, now);
        var id = Guid.NewGuid();
        return database.WriteAsync(
            async transaction =>
            {
                if (await CountAsync(transaction, organisation, cancel) >= MostMeetings)
                    return null;

                var touched = new HashSet<Guid>();
                KeptMeeting made = await SaveAsync(transaction, new KeptMeeting(id, organisation, [], $"{id:D}", 0, now, 0, plan), timetable, isNew: true, touched, now, cancel);
                await AccountStore.NoteAsync(transaction, CalendarEvents.MeetingMade, organisation, null, actor, now, cancel, Bytes(id));
                await CalendarChanges.AnnounceRoomsAsync(transaction, touched, cancel);
                return made;
            },
            cancel: cancel);
    }

    /// <summary>Calls a meeting off, with all its occurrences.</summary>
    public Task<bool> RemoveAsync(OrganisationId organisation, Guid meeting, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, organisation, meeting, cancel) is null)
                return false;

            var touched = new HashSet<Guid>();
            await RemoveAsync(transaction, meeting, touched, cancel);
            await AccountStore.NoteAsync(transaction, CalendarEvents.MeetingRemoved, organisation, null, actor, now, cancel, Bytes(meeting));
            await CalendarChanges.AnnounceRoomsAsync(transaction, touched, cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Makes the occurrences that have come into sight, and forgets what is long over. Called every hour by one hub.</summary>
    /// <returns>The meetings that could not be worked out; they are looked at again with the next call.</returns>
    public async Task<List<Guid>> RollAsync(DateTimeOffset now, CancellationToken cancel)
    {
        DateTimeOffset due = now + Occurrences.Ahead - TimeSpan.FromDays(1);
        var failed = new List<Guid>();
        int rolled = MostRolled;
        while (rolled == MostRolled)
        {
            List<Guid> meetings = await database.ReadAsync(
                transaction => transaction.AllAsync(
                    $"SELECT meeting FROM calendar_meeting WHERE rolled_until < {due} ORDER BY rolled_until, meeting LIMIT {MostRolled}",
                    row => new Guid(row.Bytes(0), bigEndian: true),
                    cancel),
                cancel);
            foreach (Guid meeting in meetings)
            {
                if (!await TryRollAsync(meeting, due, now, cancel))
                    failed.Add(meeting);
            }

            rolled = meetings.Count;
        }

        int forgotten = MostForgotten;
        while (forgotten == MostForgotten)
        {
            forgotten = await database.WriteAsync(
                async transaction =>
                {
                    int over = await transaction.ExecuteAsync(
                        $"DELETE FROM calendar_occurrence WHERE (meeting, original) IN (SELECT meeting, original FROM calendar_occurrence WHERE ends_at < {now - Occurrences.Kept} LIMIT {MostForgotten})",
                        cancel);
                    int gone = await transaction.ExecuteAsync(
                        $"""
                        DELETE FROM calendar_meeting WHERE meeting IN (SELECT meeting FROM calendar_meeting m WHERE rolled_until IS NULL AND changed_at < {now - Occurrences.Kept}
                        AND NOT EXISTS (SELECT 1 FROM calendar_occurrence o WHERE o.meeting = m.meeting) LIMIT {MostForgotten})
                        """,
                        cancel);
                    return Math.Max(over, gone);
                },
                Isolation.ReadCommitted,
                cancel: cancel);
        }

        return failed;
    }

    // Each in its own transaction, so that one that cannot be worked out takes no other along. That one goes to the end of the line.
    private async Task<bool> TryRollAsync(Guid meeting, DateTimeOffset due, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            Task<KeptMeeting?> FindDueAsync(Transaction transaction) => transaction.FirstAsync(
                $"SELECT meeting, organisation, source, uid, sequence, stamp, version, body FROM calendar_meeting WHERE meeting = {Bytes(meeting)} AND rolled_until < {due}", Read, cancel);
            if (await database.ReadAsync(FindDueAsync, cancel) is not { } kept)
                return true;

            // Whoever changes it meanwhile makes its occurrences too.
            Timetable timetable = Timetable.Of(kept.Plan, now);
            await database.WriteAsync(
                async transaction =>
                {
                    if ((await FindDueAsync(transaction))?.Version == kept.Version)
                        await PlaceAsync(transaction, meeting, kept.Plan.Zone, timetable, [], cancel);
                },
                cancel: cancel);
            return true;
        }
        catch (Exception problem) when (problem is not StoreException && !cancel.IsCancellationRequested)
        {
            await database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE calendar_meeting SET rolled_until = {due} WHERE meeting = {Bytes(meeting)} AND rolled_until < {due}", cancel), cancel: cancel);
            return false;
        }
    }

    /// <summary>A meeting of an organisation, in a transaction.</summary>
    public static Task<KeptMeeting?> FindAsync(Transaction transaction, OrganisationId organisation, Guid meeting, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT meeting, organisation, source, uid, sequence, stamp, version, body FROM calendar_meeting WHERE meeting = {Bytes(meeting)} AND organisation = {organisation.ToBytes()}",
        Read,
        cancel);

    /// <summary>The meeting that a source knows by a name, in a transaction.</summary>
    public static Task<KeptMeeting?> FindAsync(Transaction transaction, OrganisationId organisation, byte[] source, string uid, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT meeting, organisation, source, uid, sequence, stamp, version, body FROM calendar_meeting WHERE organisation = {organisation.ToBytes()} AND source = {source} AND uid = {uid}",
        Read,
        cancel);

    /// <summary>The meetings of a source, in a transaction.</summary>
    public static Task<List<KeptMeeting>> OfSourceAsync(Transaction transaction, OrganisationId organisation, byte[] source, int most, CancellationToken cancel) => transaction.AllAsync(
        $"SELECT meeting, organisation, source, uid, sequence, stamp, version, body FROM calendar_meeting WHERE organisation = {organisation.ToBytes()} AND source = {source} ORDER BY meeting LIMIT {most}",
        Read,
        cancel);

    /// <summary>How many meetings an organisation has, in a transaction.</summary>
    public static Task<long> CountAsync(Transaction transaction, OrganisationId organisation, CancellationToken cancel) =>
        transaction.FirstAsync($"SELECT COUNT(*) FROM calendar_meeting WHERE organisation = {organisation.ToBytes()}", row => row.Long(0), cancel);

    /// <summary>Keeps a meeting in a transaction, with its occurrences.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="meeting">The meeting as it is to be.</param>
    /// <param name="timetable">When it is, by its plan.</param>
    /// <param name="isNew">Whether it is not there yet.</param>
    /// <param name="touched">Gets the rooms whose calendars are others now.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<KeptMeeting> SaveAsync(Transaction transaction, KeptMeeting meeting, Timetable timetable, bool isNew, HashSet<Guid> touched, DateTimeOffset now, CancellationToken cancel)
    {
        KeptMeeting kept = meeting with { Version = meeting.Version + 1 };
        string body = kept.Plan.ToJson();
        if (isNew)
        {
            await transaction.ExecuteAsync(
                $"INSERT INTO calendar_meeting (meeting, organisation, source, uid, sequence, stamp, version, body, made_at, changed_at) VALUES ({Bytes(kept.Id)}, {kept.Organisation.ToBytes()}, {kept.Source}, {kept.Uid}, {kept.Sequence}, {kept.Stamp}, {kept.Version}, {body}, {now}, {now})",
                cancel);
        }
        else
        {
            await transaction.ExecuteAsync(
                $"UPDATE calendar_meeting SET sequence = {kept.Sequence}, stamp = {kept.Stamp}, version = {kept.Version}, body = {body}, changed_at = {now} WHERE meeting = {Bytes(kept.Id)}",
                cancel);
        }

        await PlaceAsync(transaction, kept.Id, kept.Plan.Zone, timetable, touched, cancel);
        return kept;
    }

    /// <summary>Removes a meeting in a transaction.</summary>
    public static async Task RemoveAsync(Transaction transaction, Guid meeting, HashSet<Guid> touched, CancellationToken cancel)
    {
        touched.UnionWith(await transaction.AllAsync($"SELECT DISTINCT room FROM calendar_place WHERE meeting = {Bytes(meeting)}", row => new Guid(row.Bytes(0), bigEndian: true), cancel));
        await transaction.ExecuteAsync($"DELETE FROM calendar_meeting WHERE meeting = {Bytes(meeting)}", cancel);
    }

    // Brings the occurrences that are not over to what the plan says.
    private static async Task PlaceAsync(Transaction transaction, Guid meeting, string zone, Timetable timetable, HashSet<Guid> touched, CancellationToken cancel)
    {
        (DateTimeOffset from, IReadOnlyList<PlannedOccurrence> planned, DateTimeOffset? rolledUntil) = timetable;
        await transaction.ExecuteAsync($"UPDATE calendar_meeting SET rolled_until = {rolledUntil} WHERE meeting = {Bytes(meeting)}", cancel);

        // 1. Who is who: by its original time, else by its day, so that a series that moves to another hour stays the same meetings.
        List<KeptOccurrence> kept = await OccurrencesAsync(transaction, meeting, from, cancel);
        Dictionary<long, KeptOccurrence> byKey = kept.ToDictionary(occurrence => occurrence.Key);
        var matched = new Dictionary<long, byte[]>();
        foreach (PlannedOccurrence occurrence in planned)
        {
            if (byKey.Remove(occurrence.Key, out KeptOccurrence? same))
                matched.Add(occurrence.Key, same.Instance);
        }

        ILookup<DateTime, KeptOccurrence> byDay = byKey.Values.ToLookup(occurrence => Zones.ToLocal(occurrence.StartsAt, zone).Date);
        foreach (IGrouping<DateTime, PlannedOccurrence> day in planned.Where(occurrence => !matched.ContainsKey(occurrence.Key)).GroupBy(occurrence => Zones.ToLocal(occurrence.StartsAt, zone).Date))
        {
            foreach ((PlannedOccurrence moved, KeptOccurrence before) in day.Zip(byDay[day.Key]))
                matched.Add(moved.Key, before.Instance);
        }

        // 2. What is not any more, what is new, what is at another time. Titles, hosts and policies are in every entry, so everybody who had or has one is concerned.
        touched.UnionWith(await transaction.AllAsync($"SELECT DISTINCT room FROM calendar_place WHERE meeting = {Bytes(meeting)} AND ends_at > {from}", row => new Guid(row.Bytes(0), bigEndian: true), cancel));
        touched.UnionWith(planned.SelectMany(occurrence => occurrence.Rooms));
        foreach (long gone in byKey.Keys)
            await transaction.ExecuteAsync($"DELETE FROM calendar_occurrence WHERE meeting = {Bytes(meeting)} AND original = {gone}", cancel);
        Dictionary<long, KeptOccurrence> there = kept.Where(occurrence => !byKey.ContainsKey(occurrence.Key)).ToDictionary(occurrence => occurrence.Key);
        foreach (PlannedOccurrence occurrence in planned)
        {
            if (there.TryGetValue(occurrence.Key, out KeptOccurrence? before) && before.StartsAt == occurrence.StartsAt && before.EndsAt == occurrence.EndsAt)
                continue;

            byte[] instance = matched.GetValueOrDefault(occurrence.Key) ?? RandomNumberGenerator.GetBytes(Limits.Instance);
            await transaction.ExecuteAsync(
                $"INSERT INTO calendar_occurrence (meeting, original, instance, starts_at, ends_at) VALUES ({Bytes(meeting)}, {occurrence.Key}, {instance}, {occurrence.StartsAt}, {occurrence.EndsAt}) ON CONFLICT (meeting, original) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at",
                cancel);
        }

        await PlaceRoomsAsync(transaction, meeting, planned, from, cancel);
    }

    private static async Task PlaceRoomsAsync(Transaction transaction, Guid meeting, IReadOnlyList<PlannedOccurrence> planned, DateTimeOffset from, CancellationToken cancel)
    {
        List<(Guid Room, long Key, long EndsAt)> before = await transaction.AllAsync(
            $"SELECT room, original, ends_at FROM calendar_place WHERE meeting = {Bytes(meeting)} AND ends_at > {from}",
            row => (new Guid(row.Bytes(0), bigEndian: true), row.Long(1), row.Long(2)),
            cancel);
        HashSet<(Guid Room, long Key, long EndsAt)> after = [.. planned.SelectMany(occurrence => occurrence.Rooms.Select(room => (room, occurrence.Key, occurrence.EndsAt.ToUnixTimeMilliseconds())))];
        foreach ((Guid room, long key, long endsAt) in before.Where(place => !after.Contains(place)))
            await transaction.ExecuteAsync($"DELETE FROM calendar_place WHERE room = {Bytes(room)} AND ends_at = {endsAt} AND meeting = {Bytes(meeting)} AND original = {key}", cancel);
        foreach ((Guid room, long key, long endsAt) in after.Except(before))
            await transaction.ExecuteAsync($"INSERT INTO calendar_place (room, ends_at, meeting, original) VALUES ({Bytes(room)}, {endsAt}, {Bytes(meeting)}, {key})", cancel);
    }

    private static Task<List<KeptOccurrence>> OccurrencesAsync(Transaction transaction, Guid meeting, DateTimeOffset endingAfter, CancellationToken cancel) => transaction.AllAsync(
        $"SELECT original, instance, starts_at, ends_at FROM calendar_occurrence WHERE meeting = {Bytes(meeting)} AND ends_at > {endingAfter} ORDER BY starts_at, original LIMIT {2 * Occurrences.Most}",
        row => new KeptOccurrence(row.Long(0), row.Bytes(1), row.Time(2), row.Time(3)),
        cancel);

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    private static KeptMeeting Read(Row row) => new(
        new Guid(row.Bytes(0), bigEndian: true),
        OrganisationId.Of(row.Bytes(1)),
        row.Bytes(2),
        row.Text(3),
        row.Int(4),
        row.Time(5),
        row.Long(6),
        MeetingPlan.Of(row.Text(7)));
}
