using System.Globalization;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>A meeting as administrators send it. Times are local, in the zone beside them.</summary>
internal sealed record MeetingRequest
{
    public required string Title { get; init; }

    public required string Zone { get; init; }

    public required string Start { get; init; }

    public required string End { get; init; }

    public string? Rule { get; init; }

    public IReadOnlyList<string>? Excluded { get; init; }

    public IReadOnlyList<string>? Added { get; init; }

    public IReadOnlyList<Guid>? Rooms { get; init; }

    public IReadOnlyList<string>? People { get; init; }

    public string? Class { get; init; }

    public bool JoinBeforeHost { get; init; } = true;

    public bool Strict { get; init; }

    public bool Locked { get; init; }

    public IReadOnlyList<string>? HostPeople { get; init; }

    public IReadOnlyList<Guid>? HostRooms { get; init; }

    public string? OrganiserName { get; init; }
}

/// <summary>One occurrence as administrators change it. What is not said is as in all of them; with nothing said it is as the others again.</summary>
internal sealed record OccurrenceRequest
{
    public string? Start { get; init; }

    public string? End { get; init; }

    public string? Title { get; init; }

    public IReadOnlyList<Guid>? Rooms { get; init; }

    public bool Cancelled { get; init; }
}

/// <summary>A meeting as it is shown.</summary>
internal sealed record MeetingAnswer(
    Guid Id, long Version, string Title, string OrganiserName, string Zone, string Start, string End, string? Rule, IReadOnlyList<string> Excluded, IReadOnlyList<string> Added,
    IReadOnlyList<Guid> Rooms, IReadOnlyList<string> People, string Class, bool JoinBeforeHost, bool Strict, bool Locked, IReadOnlyList<string> HostPeople, IReadOnlyList<Guid> HostRooms,
    bool Imported, string? Elsewhere, IReadOnlyList<OccurrenceAnswer>? Occurrences);

/// <summary>An occurrence as it is shown.</summary>
/// <param name="Original">What names it below its meeting: its local time by the rule; nothing for the only one.</param>
/// <param name="Instance">What names it among its members, in base64url.</param>
/// <param name="StartsAt">When it starts.</param>
/// <param name="EndsAt">When it is scheduled to end.</param>
internal sealed record OccurrenceAnswer(string? Original, string Instance, DateTimeOffset StartsAt, DateTimeOffset EndsAt);

/// <summary>Brings meetings from and into the words of the API.</summary>
internal static class MeetingBodies
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss";
    private const string ShortFormat = "yyyy-MM-dd'T'HH:mm";
    private const int MostDates = 200;

    /// <summary>The word for a class.</summary>
    public static string WordOf(MeetingClass meetingClass) => meetingClass == MeetingClass.EndToEnd ? "end-to-end" : "encrypted";

    /// <summary>Reads the word for a class; without one it is end-to-end.</summary>
    public static MeetingClass? ReadClass(string? word) => word switch { null or "end-to-end" => MeetingClass.EndToEnd, "encrypted" => MeetingClass.Encrypted, _ => null };

    /// <summary>Reads a local time: <see langword="null"/> when it is none that meetings have.</summary>
    public static DateTime? ReadLocal(string? text) =>
        DateTime.TryParseExact(text, [Format, ShortFormat], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local) && MeetingPlan.IsReasonable(local) ? local : null;

    /// <summary>Reads a meeting.</summary>
    /// <param name="body">What was sent.</param>
    /// <param name="fault">What is wrong with it.</param>
    public static MeetingPlan? Read(MeetingRequest body, out BodyFault? fault)
    {
        fault = new BodyFault(nameof(MeetingRequest.Title), $"title is 1 to {MeetingPlan.MaxTitle} letters without control characters");
        if (Requests.Label(body.Title, MeetingPlan.MaxTitle) is not { Length: > 0 } title || Requests.Label(body.OrganiserName) is not { } organiserName)
            return null;

        fault = new BodyFault(nameof(MeetingRequest.Zone), "zone is the IANA name of a time zone, such as Europe/Berlin");
        if (!Zones.IsKnown(body.Zone))
            return null;

        fault = new BodyFault(nameof(MeetingRequest.Start), "start and end are local times such as 2026-12-01T09:00, at most 14 days apart");
        if (ReadLocal(body.Start) is not { } start || Duration(start, ReadLocal(body.End), body.Zone) is not { } duration)
            return null;

        if (body.Rule is not null && RepeatRule.Read(body.Rule, body.Zone, out string? problem) is null)
        {
            fault = new BodyFault(nameof(MeetingRequest.Rule), problem!);
            return null;
        }

        fault = new BodyFault(nameof(MeetingRequest.Excluded), $"excluded and added are at most {MostDates} local times each");
        if (Dates(body.Excluded) is not { } excluded || Dates(body.Added) is not { } added)
            return null;

        fault = new BodyFault(nameof(MeetingRequest.People), $"people and host_people are at most {MeetingPlan.MaxPeople} mailboxes; rooms and host_rooms at most {MeetingPlan.MaxRooms} rooms");
        if (People(body.People, MeetingPlan.MaxPeople) is not { } people || People(body.HostPeople, Limits.Hosts) is not { } hostPeople || body.Rooms?.Count > MeetingPlan.MaxRooms || body.HostRooms?.Count > Limits.Hosts)
            return null;

        fault = new BodyFault(nameof(MeetingRequest.Class), "class is end-to-end or encrypted");
        if (ReadClass(body.Class) is not { } meetingClass)
            return null;

        fault = null;
        return new MeetingPlan
        {
            Title = title,
            OrganiserName = organiserName,
            Zone = body.Zone,
            Start = start,
            DurationSeconds = duration,
            Rule = body.Rule,
            Excluded = excluded,
            Added = added,
            Rooms = [.. (body.Rooms ?? []).Distinct()],
            People = people,
            Class = meetingClass,
            MustWaitForHost = !body.JoinBeforeHost || body.Strict,
            IsStrict = body.Strict,
            IsLocked = body.Locked,
            HostPeople = hostPeople,
            HostRooms = [.. (body.HostRooms ?? []).Distinct()],
        };
    }

    /// <summary>Reads the change of an occurrence: <see langword="null"/> in the first place when something is wrong, in the second when nothing differs.</summary>
    public static (bool IsGood, PlannedChange? Change) Read(OccurrenceRequest body, DateTime original, MeetingPlan plan)
    {
        if (body.Cancelled)
            return (body is { Start: null, End: null, Title: null, Rooms: null }, new PlannedChange { Original = original, IsCancelled = true });

        DateTime? start = ReadLocal(body.Start);
        string? title = body.Title is null ? null : Requests.Label(body.Title, MeetingPlan.MaxTitle);
        bool isGood = body.Start is null == start is null && (body.Title is null || title is { Length: > 0 }) && !(body.Rooms?.Count > MeetingPlan.MaxRooms);
        long? duration = body.End is null ? null : Duration(start ?? original, ReadLocal(body.End), plan.Zone);
        if (!isGood || (body.End is not null && duration is null))
            return (false, null);

        var change = new PlannedChange
        {
            Original = original,
            Start = start,
            DurationSeconds = duration,
            Title = title,
            Rooms = body.Rooms is null ? null : [.. body.Rooms.Distinct()],
            Elsewhere = plan.ChangeOf(original)?.Elsewhere,
        };
        return (true, change is { Start: null, DurationSeconds: null, Title: null, Rooms: null, Elsewhere: null } ? null : change);
    }

    /// <summary>A meeting as it is shown, with occurrences where they are wanted.</summary>
    public static MeetingAnswer Answer(KeptMeeting meeting, IReadOnlyList<KeptOccurrence>? occurrences)
    {
        MeetingPlan plan = meeting.Plan;
        DateTime end = Zones.ToLocal(Zones.ToUtc(plan.Start, plan.Zone).AddSeconds(plan.DurationSeconds), plan.Zone);
        return new MeetingAnswer(
            meeting.Id, meeting.Version, plan.Title, plan.OrganiserName, plan.Zone, Text(plan.Start), Text(end), plan.Rule, [.. plan.Excluded.Select(Text)], [.. plan.Added.Select(Text)],
            plan.Rooms, plan.People, WordOf(plan.Class), !plan.MustWaitForHost, plan.IsStrict, plan.IsLocked, plan.HostPeople, plan.HostRooms,
            meeting.Uid != $"{meeting.Id:D}", plan.Elsewhere, occurrences is null ? null : [.. occurrences.Select(Answer)]);
    }

    /// <summary>A local time as it is shown.</summary>
    public static string Text(DateTime local) => local.ToString(Format, CultureInfo.InvariantCulture);

    private static OccurrenceAnswer Answer(KeptOccurrence occurrence) =>
        new(Occurrences.OriginalOf(occurrence.Key) is { } original ? Text(original) : null, Base64UrlText.Encode(occurrence.Instance), occurrence.StartsAt, occurrence.EndsAt);

    // How long it really lasts, which the clock on the wall does not always say.
    private static long? Duration(DateTime start, DateTime? end, string zone)
    {
        if (end is null)
            return null;
        TimeSpan duration = Zones.ToUtc(end.Value, zone) - Zones.ToUtc(start, zone);
        return MeetingPlan.IsReasonable(duration) ? (long)duration.TotalSeconds : null;
    }

    private static List<DateTime>? Dates(IReadOnlyList<string>? texts)
    {
        DateTime?[] dates = [.. (texts ?? []).Select(ReadLocal).Distinct()];
        return dates.Length <= MostDates && dates.All(date => date is not null) ? [.. dates.Select(date => date!.Value).Order()] : null;
    }

    private static List<string>? People(IReadOnlyList<string>? texts, int most)
    {
        string?[] people = [.. (texts ?? []).Select(Mailbox.Read).Distinct()];
        return people.Length <= most && people.All(person => person is not null) ? [.. people.OfType<string>()] : null;
    }
}
