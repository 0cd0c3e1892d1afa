using System.Text;
using RoomAgent.Agent.Calendar;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>What a hub tells the room.</summary>
internal static class RoomTargets
{
    private static readonly DateTimeOffset s_nine = new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>A calendar, and the room's day by it: nothing is joined before it opens, nor what has no policy.</summary>
    public static FuzzTarget Calendar { get; } = new("room-calendar", input =>
    {
        CalendarText.ReadEntry(input);
        if (CalendarText.Read(input) is not { } calendar)
            return;

        var agenda = new Agenda(new AgendaSettings()) { IsReady = true };
        var time = new GroupTime(default, s_nine);
        agenda.HandleCalendar(calendar.Entries, time);
        for (int turn = 0; turn < 20; turn++)
        {
            while (agenda.TryPoll(out AgendaDeed? deed))
            {
                if (deed is JoinNow join && (join.What.Policy is null || join.What.OpensAt > time.Date))
                    throw new InvalidOperationException("Joined what it cannot, or too early.");
                agenda.HandleMeeting((deed as JoinNow)?.What.Name, turn % 3, time);
            }

            if (agenda.PollTimeout <= time.Now)
                throw new InvalidOperationException("Time stands still.");
            if (agenda.PollTimeout == Instant.Never)
                return;
            time = new GroupTime(agenda.PollTimeout, time.Date + (agenda.PollTimeout - time.Now));
            agenda.HandleTimeout(time);
        }
    }, () => [Encoding.UTF8.GetBytes(Good)]);

    private static string Good
    {
        get
        {
            Meetings.RoomPolicy policy = MeetingSimulator.Samples.Policy;
            string meeting = Base64UrlText.Encode(policy.Name.MeetingId.Span);
            string instance = Base64UrlText.Encode(policy.Name.Instance.Span);
            return $$"""
                {"room":"7b0c","name":"Library","zone":"Europe/Berlin","entries":[
                {"meeting_id":"{{meeting}}","instance":"{{instance}}","title":"Planning \u00e4","organiser":"Ada","starts_at":"2026-12-01T09:00:30Z","ends_at":"2026-12-01T10:00:00Z","opens_at":"2026-12-01T08:45:00Z","policy":"{{Convert.ToBase64String(policy.Encode().Span)}}","elsewhere":null},
                {"meeting_id":"{{meeting}}","instance":"AAAAAAAAAAAAAAAAAAAAAA","title":"","organiser":"","starts_at":"2026-12-01T09:01:00Z","ends_at":"2026-12-01T09:15:00+00:00","opens_at":"2026-12-01T08:45:00Z","elsewhere":"Zoom"}]}
                """;
        }
    }
}
