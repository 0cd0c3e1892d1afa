namespace RoomAgent.Hub.Calendar;

/// <summary>One occurrence of a plan.</summary>
/// <param name="Key">What names it in its meeting, whatever is changed about it: the local time at which the rule has it, in seconds since 1970; see <see cref="Occurrences.Only"/>.</param>
/// <param name="StartsAt">When it starts.</param>
/// <param name="EndsAt">When it ends.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Rooms">The rooms it is in.</param>
internal sealed record PlannedOccurrence(long Key, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Title, IReadOnlyList<Guid> Rooms);

/// <summary>Works out when a meeting is.</summary>
internal static class Occurrences
{
    /// <summary>The key of the one occurrence of a meeting that does not repeat. It keeps it when it is moved.</summary>
    public const long Only = -1;

    /// <summary>How far ahead occurrences are made: a quarter of a year, and a day for the next time that somebody looks.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(93);

    /// <summary>How long they are kept after their end.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>The most occurrences that one meeting has in the time that is looked at.</summary>
    public const int Most = 1_000;

    /// <summary>The key of an occurrence.</summary>
    public static long KeyOf(DateTime original) => (long)(original - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>The local time that a key stands for: <see langword="null"/> for the only one.</summary>
    public static DateTime? OriginalOf(long key) => key == Only ? null : DateTime.SpecifyKind(DateTime.UnixEpoch.AddSeconds(key), DateTimeKind.Unspecified);

    /// <summary>The occurrences that end after <paramref name="from"/> and start before <paramref name="to"/>, in the order of their original times.</summary>
    public static List<PlannedOccurrence> Between(MeetingPlan plan, DateTimeOffset from, DateTimeOffset to)
    {
        var found = new List<PlannedOccurrence>();
        foreach (DateTime original in Originals(plan, from, to))
        {
            PlannedChange? change = plan.Repeats ? plan.ChangeOf(original) : null;
            if (change is { IsCancelled: true })
                continue;

            DateTimeOffset start = Zones.ToUtc(change?.Start ?? original, plan.Zone);
            DateTimeOffset end = start.AddSeconds(change?.DurationSeconds ?? plan.DurationSeconds);
            if (end <= from || start >= to)
                continue;

            found.Add(new PlannedOccurrence(plan.Repeats ? KeyOf(original) : Only, start, end, change?.Title ?? plan.Title, change?.Rooms ?? plan.Rooms));
            if (found.Count == Most)
                break;
        }

        return found;
    }

    /// <summary>Whether a repeating meeting has an occurrence at that local time, before anything was changed about it.</summary>
    public static bool Has(MeetingPlan plan, DateTime original) =>
        plan.Repeats && !plan.Excluded.Contains(original) && (plan.Added.Contains(original) || FromRule(plan, original, original.AddSeconds(1)).Any());

    /// <summary>Whether there may be occurrences that start at or after a moment, or a day before.</summary>
    public static bool GoesOn(MeetingPlan plan, DateTimeOffset after)
    {
        DateTime local = Zones.ToLocal(after, plan.Zone).AddDays(-1);
        return plan.Added.Any(date => date >= local)
            || plan.Changes.Any(change => change.Start >= local)
            || (plan.Rule is null ? plan.Start >= local : RuleOf(plan).GoesOn(plan.Start, local));
    }

    // A changed occurrence may be far from where the rule has it, so those are looked at whenever the rule has them.
    private static SortedSet<DateTime> Originals(MeetingPlan plan, DateTimeOffset from, DateTimeOffset to)
    {
        DateTime first = Zones.ToLocal(from, plan.Zone).AddSeconds(-plan.DurationSeconds).AddDays(-1);
        DateTime last = Zones.ToLocal(to, plan.Zone).AddDays(1);
        var originals = new SortedSet<DateTime>(FromRule(plan, first, last).Take(Most + plan.Excluded.Count + plan.Changes.Count));
        originals.UnionWith(plan.Added.Where(date => date >= first && date < last));
        originals.UnionWith(plan.Changes.Where(change => change.Start is not null && (change.Original < first || change.Original >= last) && Has(plan, change.Original)).Select(change => change.Original));
        originals.ExceptWith(plan.Excluded);
        return originals;
    }

    private static IEnumerable<DateTime> FromRule(MeetingPlan plan, DateTime from, DateTime to)
    {
        // The start is an occurrence of a meeting without a rule; a rule has it or not.
        if (plan.Rule is null)
            return plan.Start >= from && plan.Start < to ? [plan.Start] : [];

        return RuleOf(plan).Between(plan.Start, from < plan.Start ? plan.Start : from, to);
    }

    private static RepeatRule RuleOf(MeetingPlan plan) =>
        RepeatRule.Read(plan.Rule!, plan.Zone, out string? problem) ?? throw new InvalidOperationException($"A rule was kept that is none: {problem}.");
}
