namespace RoomAgent.Hub.Calendar;

/// <summary>When a meeting is, as far ahead as occurrences are made. Strangers write the rules, so it is worked out before a transaction begins: on SQLite everybody waits for whoever writes.</summary>
/// <param name="From">Occurrences that ended before are not in it.</param>
/// <param name="Occurrences">All others, in the order of their original times.</param>
/// <param name="RolledUntil">From when on there may be more; <see langword="null"/> when there are none.</param>
internal sealed record Timetable(DateTimeOffset From, IReadOnlyList<PlannedOccurrence> Occurrences, DateTimeOffset? RolledUntil)
{
    /// <summary>Works it out.</summary>
    public static Timetable Of(MeetingPlan plan, DateTimeOffset now)
    {
        DateTimeOffset from = now - Calendar.Occurrences.Kept;
        DateTimeOffset until = now + Calendar.Occurrences.Ahead;
        return plan.Repeats
            ? new Timetable(from, Calendar.Occurrences.Between(plan, from, until), Calendar.Occurrences.GoesOn(plan, until) ? until : null)
            : new Timetable(from, Calendar.Occurrences.Between(plan, from, DateTimeOffset.MaxValue.AddYears(-1)), null);
    }
}
