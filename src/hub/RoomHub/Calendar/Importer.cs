using System.Diagnostics;
using RoomAgent.Hub.Calendar.Files;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>How a file is to be taken over.</summary>
/// <param name="Organisation">Whose meetings they become.</param>
/// <param name="Source">The calendar that it is all of, so that what is not in it any more goes; empty for a file that only brings something.</param>
/// <param name="Class">Of what kind meetings become that are new.</param>
/// <param name="Room">The room whose calendar it is, so that everything in it is there.</param>
internal sealed record ImportOrder(OrganisationId Organisation, byte[] Source, MeetingClass Class, Guid? Room);

/// <summary>What became of a file.</summary>
/// <param name="Added">New meetings.</param>
/// <param name="Changed">Changed ones.</param>
/// <param name="Removed">Those that were called off, or are not in the file any more.</param>
/// <param name="Unchanged">Those that are as they were, or of which something newer is known.</param>
/// <param name="Ignored">Those that are over, or that no room of ours is in.</param>
internal sealed record ImportOutcome(int Added, int Changed, int Removed, int Unchanged, int Ignored);

/// <summary>Takes files of calendars over: all of a file in one transaction, or nothing.</summary>
internal sealed class Importer(Database database)
{
    /// <summary>The most occurrences that a file may bring within the time that is looked at.</summary>
    public const int MostOccurrences = 20_000;

    private const int MostAttempts = 5;

    // Some hundred times what a good file of that size takes.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    /// <summary>Takes a file over.</summary>
    /// <param name="file">The file.</param>
    /// <param name="order">How.</param>
    /// <param name="actor">The administrator who wants it; nobody when it is taken over by itself.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns><see langword="null"/> when the file brings more meetings or occurrences than there may be, or they take too long to work out; nothing has changed then.</returns>
    public async Task<ImportOutcome?> ImportAsync(CalendarFile file, ImportOrder order, string? actor, DateTimeOffset now, CancellationToken cancel)
    {
        List<List<FileEvent>> groups = [.. file.Events.GroupBy(read => read.Uid, StringComparer.Ordinal).Select(group => group.ToList())];
        for (int attempt = 1; ; attempt++)
        {
            // 1. What is there.
            Ground ground = await database.ReadAsync(transaction => ReadAsync(transaction, order, groups, cancel), cancel);

            // 2. What is to be. Strangers' rules are worked out while nobody waits for the database.
            if (Plan(groups, ground.There, new RoomFinder(ground.Rooms, order.Room), order, now, cancel) is not { } draft)
                return null;

            // 3. What differs, if things are still as they were.
            (bool isSettled, ImportOutcome? outcome) = await database.WriteAsync(
                async transaction => (await ReadAsync(transaction, order, groups, cancel)).IsSame(ground) ? (true, await SaveAsync(transaction, draft, order, actor, now, cancel)) : (false, null),
                cancel: cancel);
            if (isSettled)
                return outcome;
            if (attempt == MostAttempts)
                throw new InvalidOperationException("The calendar was changed by others all the time.");
        }
    }

    private static async Task<Ground> ReadAsync(Transaction transaction, ImportOrder order, List<List<FileEvent>> groups, CancellationToken cancel) =>
        new(await ThereAsync(transaction, order, groups, cancel), await RoomStore.AllAsync(transaction, order.Organisation, cancel));

    private static async Task<ImportOutcome?> SaveAsync(Transaction transaction, Draft draft, ImportOrder order, string? actor, DateTimeOffset now, CancellationToken cancel)
    {
        // A calendar that was removed while it was fetched brings nothing any more.
        if (order.Source.Length > 0 && await transaction.FirstAsync($"SELECT COUNT(*) FROM calendar_feed WHERE feed = {order.Source}", row => row.Long(0), cancel) == 0)
            return new ImportOutcome(0, 0, 0, 0, 0);
        if (await PlanStore.CountAsync(transaction, order.Organisation, cancel) + draft.Added > PlanStore.MostMeetings)
            return null;

        var touched = new HashSet<Guid>();
        foreach ((KeptMeeting meeting, Timetable timetable, bool isNew) in draft.ToSave)
            await PlanStore.SaveAsync(transaction, meeting, timetable, isNew, touched, now, cancel);
        foreach (KeptMeeting meeting in draft.ToRemove)
            await PlanStore.RemoveAsync(transaction, meeting.Id, touched, cancel);
        if (actor is not null)
            await AccountStore.NoteAsync(transaction, CalendarEvents.Imported, order.Organisation, null, actor, now, cancel);
        await CalendarChanges.AnnounceRoomsAsync(transaction, touched, cancel);
        return new ImportOutcome(draft.Added, draft.ToSave.Count - draft.Added, draft.ToRemove.Count, draft.Unchanged, draft.Ignored);
    }

    private static async Task<Dictionary<string, KeptMeeting>> ThereAsync(Transaction transaction, ImportOrder order, List<List<FileEvent>> groups, CancellationToken cancel)
    {
        if (order.Source.Length > 0)
            return (await PlanStore.OfSourceAsync(transaction, order.Organisation, order.Source, 2 * CalendarFile.MostEvents, cancel)).ToDictionary(meeting => meeting.Uid, StringComparer.Ordinal);

        var there = new Dictionary<string, KeptMeeting>(StringComparer.Ordinal);
        foreach (string uid in groups.SelectMany(NamesOf).Distinct())
        {
            if (await PlanStore.FindAsync(transaction, order.Organisation, order.Source, uid, cancel) is { } meeting)
                there.Add(uid, meeting);
        }

        return there;
    }

    private static Draft? Plan(List<List<FileEvent>> groups, Dictionary<string, KeptMeeting> there, RoomFinder finder, ImportOrder order, DateTimeOffset now, CancellationToken cancel)
    {
        var draft = new Draft(there, order, now);
        long since = Stopwatch.GetTimestamp();
        foreach (List<FileEvent> group in groups)
        {
            cancel.ThrowIfCancellationRequested();
            if (draft.Occurrences > MostOccurrences || Stopwatch.GetElapsedTime(since) > s_longest)
                return null;

            FileEvent? whole = group.Where(read => read.Occurrence is null).OrderBy(read => read.Sequence).ThenBy(read => read.Stamp).LastOrDefault();
            List<FileEvent> single = [.. group.Where(read => read.Occurrence is not null).OrderBy(read => read.Sequence).ThenBy(read => read.Stamp)];
            KeptMeeting? before = there.GetValueOrDefault(group[0].Uid);
            if (whole is not null)
                draft.Take(whole.Uid, whole, before, whole.IsCancelled ? null : Changed(finder.Plan(whole, order.Class), single, finder));
            else if (before is not null)
                draft.Take(before.Uid, single[^1], before, Changed(before.Plan, single, finder));
            else
                single.ForEach(alone => draft.Take(NameOf(alone), alone, there.GetValueOrDefault(NameOf(alone)), alone.IsCancelled ? null : finder.Plan(alone, order.Class)));
        }

        draft.RemoveTheRest();
        return draft.Occurrences > MostOccurrences ? null : draft;
    }

    // What one may be called in the database: itself, and each occurrence whose meeting is not in the file.
    private static IEnumerable<string> NamesOf(List<FileEvent> group) => group.Where(read => read.Occurrence is not null).Select(NameOf).Prepend(group[0].Uid);

    private static string NameOf(FileEvent alone) => $"{alone.Uid}#{Occurrences.KeyOf(alone.Occurrence!.Value.Value)}";

    private static MeetingPlan Changed(MeetingPlan plan, List<FileEvent> single, RoomFinder finder)
    {
        foreach (FileEvent occurrence in single)
        {
            FileTime which = occurrence.Occurrence!.Value;
            DateTime original = which.IsDate ? which.Value + plan.Start.TimeOfDay : which.In(plan.Zone);
            if (plan.Changes.Count >= MeetingPlan.MaxDates && plan.ChangeOf(original) is null)
                break;

            // A cancelled one may come without its time (RFC 5546 section 3.2.5).
            MeetingPlan own = occurrence.IsCancelled ? plan : finder.Plan(occurrence, plan.Class);
            plan = plan.With(original, occurrence.IsCancelled
                ? new PlannedChange { Original = original, IsCancelled = true }
                : new PlannedChange
                {
                    Original = original,
                    Start = Different(occurrence.Start.In(plan.Zone), original),
                    DurationSeconds = Different(own.DurationSeconds, plan.DurationSeconds),
                    Title = own.Title == plan.Title ? null : own.Title,
                    Rooms = own.Rooms.Count == 0 || own.Rooms.SequenceEqual(plan.Rooms) ? null : own.Rooms,
                    Elsewhere = own.Elsewhere == plan.Elsewhere ? null : own.Elsewhere ?? "",
                });
        }

        return plan;
    }

    private static T? Different<T>(T value, T usual)
        where T : struct, IEquatable<T> => value.Equals(usual) ? null : value;

    /// <summary>What a draft is made on.</summary>
    private sealed record Ground(Dictionary<string, KeptMeeting> There, List<Room> Rooms)
    {
        public bool IsSame(Ground other) =>
            Rooms.SequenceEqual(other.Rooms)
            && There.Count == other.There.Count
            && There.All(one => other.There.TryGetValue(one.Key, out KeptMeeting? same) && same.Id == one.Value.Id && same.Version == one.Value.Version);
    }

    /// <summary>What a file makes of what is there.</summary>
    private sealed class Draft(Dictionary<string, KeptMeeting> there, ImportOrder order, DateTimeOffset now)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public List<(KeptMeeting Meeting, Timetable Timetable, bool IsNew)> ToSave { get; } = [];

        public List<KeptMeeting> ToRemove { get; } = [];

        public int Added { get; private set; }

        public int Unchanged { get; private set; }

        public int Ignored { get; private set; }

        public int Occurrences { get; private set; }

        private bool IsWhole => order.Source.Length > 0;

        /// <param name="uid">What the meeting is called.</param>
        /// <param name="read">The newest that the file says of it.</param>
        /// <param name="before">What is there.</param>
        /// <param name="plan">What it is to be; nothing when it was called off.</param>
        public void Take(string uid, FileEvent read, KeptMeeting? before, MeetingPlan? plan)
        {
            // A name that looks like one that we make (of an occurrence alone) is taken once.
            if (!_seen.Add(uid))
            {
                Ignored++;
                return;
            }

            // A file that only brings something may be an old one. A calendar is as it is.
            bool isOld = before is not null && !IsWhole && (read.Sequence, read.Stamp).CompareTo((before.Sequence, before.Stamp)) < 0;
            if (isOld || (plan is null && before is null))
            {
                Unchanged++;
                return;
            }

            if (plan is null || plan.Rooms.Count == 0)
            {
                Ignored += plan is null ? 0 : 1;
                if (before is not null)
                    ToRemove.Add(before);
                return;
            }

            // What was decided here stays: the class for good, and who may enter how.
            if (before is { Plan: { } decided })
            {
                plan = plan with
                {
                    Class = decided.Class,
                    MustWaitForHost = decided.MustWaitForHost,
                    IsStrict = decided.IsStrict,
                    IsLocked = decided.IsLocked,
                    HostPeople = decided.HostPeople,
                    HostRooms = decided.HostRooms,
                    Changes = plan.Changes.Count == 0 && !IsWhole && read.Sequence == before.Sequence ? decided.Changes : plan.Changes,
                };
            }

            Timetable timetable = Timetable.Of(plan, now);
            Occurrences += timetable.Occurrences.Count;
            bool isOver = timetable.RolledUntil is null && timetable.Occurrences.All(occurrence => occurrence.EndsAt <= now);
            if (before is null && isOver)
            {
                Ignored++;
            }
            else if (before is not null && before.Plan.ToJson() == plan.ToJson())
            {
                Unchanged++;
            }
            else
            {
                Added += before is null ? 1 : 0;
                KeptMeeting meeting = before ?? new KeptMeeting(Guid.NewGuid(), order.Organisation, order.Source, uid, 0, now, 0, plan);
                ToSave.Add((meeting with { Sequence = read.Sequence, Stamp = read.Stamp, Plan = plan }, timetable, before is null));
            }
        }

        /// <summary>What is not in a whole calendar any more is called off.</summary>
        public void RemoveTheRest()
        {
            if (IsWhole)
                ToRemove.AddRange(there.Values.Where(meeting => !_seen.Contains(meeting.Uid)));
        }
    }
}
