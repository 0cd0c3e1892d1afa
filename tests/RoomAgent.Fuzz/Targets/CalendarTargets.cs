using System.Text;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Calendar.Files;

namespace RoomAgent.Fuzz.Targets;

/// <summary>Calendars that somebody uploads or that are fetched from elsewhere.</summary>
internal static class CalendarTargets
{
    private const string Good =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
        + "BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
        + "BEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:1\r\nDTSTAMP:20261120T101112Z\r\nDTSTART;TZID=\"Here\":20261201T093000\r\nDTEND;TZID=Here:20261201T101500\r\nRRULE:FREQ=WEEKLY;BYDAY=TU\r\nEXDATE;TZID=Here:20261208T093000\r\n"
        + "RDATE;VALUE=PERIOD:20261209T093000Z/PT1H\r\nATTENDEE;CUTYPE=ROOM;CN=\"Room ^'1^'\":mailto:room1@example.org\r\nLOCATION:Room 1\\; Room 2\r\nORGANIZER;CN=Ada:mailto:ada@example.org\r\nSUMMARY:Plan\r\n ning\r\nEND:VEVENT\r\n"
        + "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID;TZID=Here:20261215T093000\r\nDTSTART:20261215T120000Z\r\nDURATION:PT1H30M\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    // Some hundred bytes for each date that a library looks at: 64 MiB are far below what a rule without bounds would take.
    private const int MostOfDates = 64 << 20;

    /// <summary>A file, and the occurrences of what is in it.</summary>
    public static FuzzTarget File { get; } = new("hub-calendar-file", input =>
    {
        if (CalendarFile.Read(input, "Europe/Berlin", 2026, out FileProblem? problem) is not { } file)
        {
            if (problem is null)
                throw new InvalidOperationException("Refused without a reason.");
            return;
        }

        if (file.LeftOutCount < file.LeftOut.Count || file.LeftOut.Any(left => left.What.Length == 0))
            throw new InvalidOperationException("Left out without a reason.");
        foreach (FileEvent read in file.Events.Where(read => !read.IsCancelled).Take(20))
        {
            MeetingPlan plan = new RoomFinder([], always: null).Plan(read, Meetings.MeetingClass.EndToEnd);
            var now = new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);
            if (Occurrences.Between(plan, now, now + Occurrences.Ahead).Exists(occurrence => occurrence.EndsAt <= occurrence.StartsAt))
                throw new InvalidOperationException("It ends before it starts.");
            if (MeetingPlan.Of(plan.ToJson()).ToJson() != plan.ToJson())
                throw new InvalidOperationException("A plan is not read as it is kept.");
        }
    }, () => [Encoding.UTF8.GetBytes(Good)])
    {
        Allowance = MostOfDates,
    };

    /// <summary>A rule by which meetings repeat.</summary>
    public static FuzzTarget Rule { get; } = new("hub-calendar-rule", input =>
    {
        string text = Encoding.UTF8.GetString(input);
        if (RepeatRule.Read(text, "America/New_York", out string? problem) is not { } rule)
        {
            if (problem is null)
                throw new InvalidOperationException("Refused without a reason.");
            return;
        }

        var start = new DateTime(1997, 9, 2, 9, 0, 0);
        DateTime last = DateTime.MinValue;
        foreach (DateTime date in rule.Between(start, start.AddYears(20), start.AddYears(22)).Take(1_000))
        {
            if (date <= last || date.TimeOfDay != start.TimeOfDay)
                throw new InvalidOperationException("Out of order, or at another hour.");
            last = date;
        }
    }, () => ["FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH"u8.ToArray(), "FREQ=MONTHLY;UNTIL=20401224T000000Z;BYDAY=1FR,-1SU;BYSETPOS=-1"u8.ToArray(), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29,-1"u8.ToArray()])
    {
        Allowance = MostOfDates,
    };
}
