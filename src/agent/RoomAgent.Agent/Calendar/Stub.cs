#pragma warning disable
using System.Text.Json;
using RoomAgent.Agent.Ports;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;
namespace RoomAgent.Agent.Calendar
{
public sealed record AgendaSettings;
public abstract record AgendaDeed;
public sealed record JoinNow(Occurrence What) : AgendaDeed;
public sealed record LeaveNow : AgendaDeed;
public sealed class Agenda(AgendaSettings s)
{
    private HashSet<OccurrenceName> _done = [];
    private OccurrenceName? _in;
    private GroupTime _time;
    public IReadOnlyList<Occurrence> Entries { get; private set; } = [];
    public Countdown? Countdown => null; public DateTimeOffset? DoNotDisturbUntil => null; public int? NextBookingInMinutes => null; public Instant PollTimeout => _time.Now + TimeSpan.FromSeconds(1);
    public void HandleCalendar(IReadOnlyList<Occurrence> e, GroupTime t) { Entries = e; _time = t; }
    public void HandleTimeout(GroupTime t) => _time = t;
    public void HandleMeeting(OccurrenceName? n, int others, GroupTime t) { _in = n; _time = t; }
    public void HandleRefused(OccurrenceName n, GroupTime t) => _done.Add(n);
    public void HandleNotReady(OccurrenceName n, GroupTime t) { }
    public bool TryPoll(out AgendaDeed d) { d = null; if (_in is null && Entries.FirstOrDefault(e => e.Policy != null && e.StartsAt <= _time.Date.AddSeconds(30) && e.EndsAt > _time.Date && _done.Add(e.Name)) is { } e) { d = new JoinNow(e); return true; } return false; }
    public bool StopCountdown(GroupTime t) => false; public bool Join(OccurrenceName? n, GroupTime t) => false; public bool JoinAdHoc(Occurrence o, GroupTime t) => false; public void Leave(GroupTime t) { } public void DoNotDisturb(TimeSpan s, GroupTime t) { }
}
public sealed record RoomCalendar(string RoomName, IReadOnlyList<Occurrence> Entries);
public static class CalendarText
{
    public static RoomCalendar? Read(ReadOnlySpan<byte> b) { using var d = JsonDocument.Parse(b.ToArray()); return new RoomCalendar(d.RootElement.GetProperty("name").GetString(), d.RootElement.GetProperty("entries").EnumerateArray().Select(Entry).ToArray()); }
    public static Occurrence? ReadEntry(ReadOnlySpan<byte> b) { using var d = JsonDocument.Parse(b.ToArray()); return Entry(d.RootElement); }
    static Occurrence Entry(JsonElement e) { var p = RoomPolicy.Decode(Convert.FromBase64String(e.GetProperty("policy").GetString())); return new Occurrence(new OccurrenceName(p.Name.MeetingId, p.Name.Instance), e.GetProperty("starts_at").GetDateTimeOffset(), e.GetProperty("ends_at").GetDateTimeOffset()) { Policy = p, Title = e.GetProperty("title").GetString() }; }
}
public sealed class CalendarCache(IVault v) { public RoomCalendar? Read() => null; public void Write(ReadOnlySpan<byte> b, string? tag) { } public void Forget() { } }
}
namespace RoomAgent.Agent.Room
{
public static class RoomScenes { public static TileId SelfView => new(0xffff_ffff); public static TileId TileOf(int leaf, SFrame.FrameContext c) => new((uint)leaf * 4 + (uint)c + 1); public static ScreenContents Of(RoomStatus s, ScreenLook l) => new(new StartingScene()); }
}
