using System.Globalization;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Calendar.Files;

/// <summary>A VEVENT (RFC 5545 section 3.6.1): a meeting, or one occurrence of one that differs.</summary>
internal sealed record FileEvent
{
    private const int MaxUid = 255;
    private const int MaxName = 100;

    // What is only a day has no end: the whole day. What is only a moment is a meeting all the same.
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_moment = TimeSpan.FromHours(1);

    /// <summary>The line where it begins.</summary>
    public required int Line { get; init; }

    public required string Uid { get; init; }

    public int Sequence { get; init; }

    /// <summary>When it was written (DTSTAMP).</summary>
    public DateTimeOffset Stamp { get; init; }

    /// <summary>Which occurrence it is (RECURRENCE-ID); the whole meeting without one.</summary>
    public FileTime? Occurrence { get; init; }

    public bool IsCancelled { get; init; }

    public FileTime Start { get; init; }

    public TimeSpan Duration { get; init; }

    public string Title { get; init; } = "";

    public string? Organiser { get; init; }

    public string OrganiserName { get; init; } = "";

    public string? Rule { get; init; }

    public IReadOnlyList<FileTime> Excluded { get; init; } = [];

    public IReadOnlyList<FileTime> Added { get; init; } = [];

    /// <summary>Those who are invited and have not said no, by mailbox.</summary>
    public IReadOnlyList<string> Attendees { get; init; } = [];

    /// <summary>Where it is: names from LOCATION and RESOURCES, and of attendees that are rooms.</summary>
    public IReadOnlyList<string> Places { get; init; } = [];

    /// <summary>The other service at which it takes place (<see cref="ForeignService"/>).</summary>
    public string? Elsewhere { get; init; }

    /// <summary>Reads an event.</summary>
    public static FileEvent? Read(IReadOnlyList<ContentLine> lines, ZoneTable zones, bool isCancellation, out FileProblem? problem)
    {
        var draft = new Draft(zones);
        problem = null;
        foreach (ContentLine line in lines)
        {
            problem = draft.Take(line);
            if (problem is not null)
                return null;
        }

        return draft.Finish(lines.Count > 0 ? lines[0].Number : 0, isCancellation, out problem);
    }

    private sealed class Draft(ZoneTable zones)
    {
        private readonly HashSet<string> _once = new(StringComparer.Ordinal);
        private readonly List<FileTime> _excluded = [];
        private readonly List<FileTime> _added = [];
        private readonly List<string> _attendees = [];
        private readonly List<string> _places = [];
        private string? _uid;
        private int _sequence;
        private DateTimeOffset _stamp = DateTimeOffset.UnixEpoch;
        private FileTime? _occurrence, _start, _end;
        private TimeSpan? _duration;
        private bool _isCancelled;
        private string _title = "", _organiserName = "";
        private string? _organiser;
        private ContentLine? _rule;
        private string? _elsewhere;

        public FileProblem? Take(ContentLine line)
        {
            if (line.Name is "UID" or "SEQUENCE" or "DTSTART" or "DTEND" or "DURATION" or "RECURRENCE-ID" or "RRULE" or "SUMMARY" or "ORGANIZER" && !_once.Add(line.Name))
                return new FileProblem(line.Number, $"{line.Name} is there twice");

            string value = line.Value.Trim();
            _elsewhere ??= ForeignService.Of(line);
            switch (line.Name)
            {
                case "UID":
                    _uid = value;
                    return value.Length is > 0 and <= MaxUid ? null : new FileProblem(line.Number, $"UID has 1 to {MaxUid} letters");
                case "SEQUENCE":
                    return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _sequence) ? null : new FileProblem(line.Number, "SEQUENCE is a number");
                case "DTSTAMP":
                    _stamp = FileTime.Read(value, "Etc/UTC")?.Moment ?? _stamp;
                    return null;
                case "DTSTART":
                    return Time(line, value, out _start);
                case "DTEND":
                    return Time(line, value, out _end);
                case "DURATION":
                    _duration = FileTime.Duration(value);
                    return _duration is null ? new FileProblem(line.Number, "DURATION is not one") : null;
                case "RECURRENCE-ID":
                    return line.Parameter("RANGE") is null ? Time(line, value, out _occurrence) : new FileProblem(line.Number, "an occurrence with all that follow it (RANGE) is not understood");
                case "RRULE":
                    _rule = line;
                    return null;
                case "EXRULE":
                    return new FileProblem(line.Number, "EXRULE is not understood: RFC 5545 has it no more");
                case "EXDATE":
                    return Times(line, value, _excluded);
                case "RDATE":
                    return Times(line, value, _added);
                case "STATUS":
                    _isCancelled = value.Equals("CANCELLED", StringComparison.OrdinalIgnoreCase);
                    return null;
                case "SUMMARY":
                    _title = line.Text(MeetingPlan.MaxTitle);
                    return null;
                case "ORGANIZER":
                    _organiser = Mailbox.Read(value);
                    _organiserName = ContentLine.Tidy(line.Parameter("CN") ?? "", MaxName);
                    return null;
                case "ATTENDEE":
                    Attendee(line, value);
                    return null;
                case "LOCATION" or "RESOURCES":
                    foreach (string place in line.Text(1_000).Split([';', ',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Prepend(line.Text(MaxName)))
                        AddPlace(place);
                    return null;
                default:
                    return null;
            }
        }

        public FileEvent? Finish(int line, bool isCancellation, out FileProblem? problem)
        {
            problem = new FileProblem(line, "there is no UID");
            if (_uid is null)
                return null;

            problem = new FileProblem(line, "there is no DTSTART");
            if (_start is null && !isCancellation)
                return null;

            FileTime start = _start ?? default;
            TimeSpan duration = _duration ?? (_start is null ? s_moment : _end is { } end ? Length(start, end) : start.IsDate ? s_day : s_moment);
            if (duration == TimeSpan.Zero)
                duration = start.IsDate ? s_day : s_moment;
            problem = new FileProblem(line, "it ends before it starts, or lasts more than 14 days");
            if (!MeetingPlan.IsReasonable(duration))
                return null;

            if (_rule is not null && _start is not null && RepeatRule.Read(_rule.Value.Trim(), start.Zone, out string? what) is null)
            {
                problem = new FileProblem(_rule.Number, what!);
                return null;
            }

            problem = null;
            return new FileEvent
            {
                Line = line,
                Uid = _uid,
                Sequence = _sequence,
                Stamp = _stamp,
                Occurrence = _occurrence,
                IsCancelled = _isCancelled || isCancellation,
                Start = start,
                Duration = duration,
                Title = _title,
                Organiser = _organiser,
                OrganiserName = _organiserName,
                Rule = _rule?.Value.Trim(),
                Excluded = _excluded,
                Added = _added,
                Attendees = _attendees,
                Places = _places,
                Elsewhere = _elsewhere,
            };
        }

        // Days are counted as days, so that one with 23 hours is one too.
        private static TimeSpan Length(FileTime start, FileTime end) => start.IsDate && end.IsDate ? end.Value - start.Value : end.Moment - start.Moment;

        private void Attendee(ContentLine line, string value)
        {
            if (line.Parameter("PARTSTAT") is { } answer && answer.Equals("DECLINED", StringComparison.OrdinalIgnoreCase))
                return;
            if (Mailbox.Read(value) is { } mailbox && _attendees.Count < MeetingPlan.MaxPeople + MeetingPlan.MaxRooms && !_attendees.Contains(mailbox))
                _attendees.Add(mailbox);
            if (line.Parameter("CUTYPE")?.ToUpperInvariant() is "ROOM" or "RESOURCE" && line.Parameter("CN") is { } name)
                AddPlace(ContentLine.Tidy(name, MaxName));
        }

        private void AddPlace(string name)
        {
            if (name.Length > 0 && _places.Count < MeetingPlan.MaxRooms && !_places.Contains(name))
                _places.Add(name);
        }

        private FileProblem? Time(ContentLine line, string value, out FileTime? time)
        {
            time = null;
            if (zones.Find(line.Parameter("TZID")) is not { } zone)
                return new FileProblem(line.Number, "nobody knows this time zone");

            time = FileTime.Read(value, zone);
            return time is null ? new FileProblem(line.Number, "it is not a date, or date and time, from 1970 to 2199") : null;
        }

        private FileProblem? Times(ContentLine line, string value, List<FileTime> times)
        {
            foreach (string item in value.Split(',', MeetingPlan.MaxDates + 2))
            {
                // A period (RFC 5545 section 3.3.9) is as long as the others here.
                if (Time(line, item.Split('/', 2)[0].Trim(), out FileTime? time) is { } problem)
                    return problem;
                if (times.Count == MeetingPlan.MaxDates)
                    return new FileProblem(line.Number, $"there are more than {MeetingPlan.MaxDates} dates that differ from the rule");
                times.Add(time!.Value);
            }

            return null;
        }
    }
}
