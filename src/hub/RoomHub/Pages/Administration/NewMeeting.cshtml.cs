using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Schedules a meeting. A form with all rooms that a meeting may have is larger than others.</summary>
[RequestFormLimits(ValueCountLimit = MeetingPlan.MaxRooms + 50, KeyLengthLimit = 100, ValueLengthLimit = 3 * MaxMailboxes)]
internal sealed class NewMeetingModel(PeopleDesk people, Planner planner, PlanStore plans, RoomStore rooms) : HubPage(people)
{
    /// <summary>The most letters of the mailboxes, which fit into the body of a form.</summary>
    public const int MaxMailboxes = 10_000;

    public IReadOnlyList<Room> All { get; private set; } = [];

    [BindProperty]
    public string? Title { get; set; }

    [BindProperty]
    public string? Start { get; set; }

    [BindProperty]
    public string? End { get; set; }

    [BindProperty]
    public string? Zone { get; set; }

    [BindProperty]
    public string? Repeat { get; set; }

    [BindProperty]
    public string? Last { get; set; }

    [BindProperty]
    public string? Rule { get; set; }

    [BindProperty]
    public List<Guid> Rooms { get; set; } = [];

    [BindProperty]
    public string? Mailboxes { get; set; }

    [BindProperty]
    public string? Class { get; set; }

    [BindProperty]
    public bool JoinBeforeHost { get; set; }

    [BindProperty]
    public bool Strict { get; set; }

    [BindProperty]
    public bool Locked { get; set; }

    // The next full hour of the zone that most rooms are in.
    public async Task OnGetAsync()
    {
        All = await rooms.AllAsync(Me.Organisation, Cancel);
        Zone = All is [{ } first, ..] ? first.Zone : "Etc/UTC";
        DateTime local = Zones.ToLocal(Now, Zone);
        DateTime start = local.Date.AddHours(local.Hour + 1);
        (Start, End, JoinBeforeHost) = (MeetingWords.InputOf(start), MeetingWords.InputOf(start.AddHours(1)), true);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadAsync() is { } plan)
        {
            if (await plans.AddAsync(Me.Organisation, plan, Actor, Now, Cancel) is { } made)
                return Done($"/meetings/{made.Id}", "meeting-made");
            Refuse("", "There are too many meetings. Remove some first.");
        }

        All = await rooms.AllAsync(Me.Organisation, Cancel);
        return Page();
    }

    private async Task<MeetingPlan?> ReadAsync()
    {
        DateOnly? last = DateOnly.TryParseExact(Last, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;
        if (!string.IsNullOrEmpty(Last) && last is null)
            Refuse(nameof(Last), "Write a day, such as 2026-12-31.");
        if (MeetingWords.Repeats.All(repeat => repeat.Word != Repeat))
            Refuse(nameof(Repeat), "Choose how it repeats.");
        if (!ModelState.IsValid)
            return null;

        var body = new MeetingRequest
        {
            Title = Title ?? "",
            Zone = Zone?.Trim() ?? "",
            Start = Start ?? "",
            End = End ?? "",
            Rule = MeetingWords.RuleOf(Repeat, Rule, last),
            Rooms = Rooms,
            People = (Mailboxes ?? "").Split([',', ';', ' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries),
            Class = Class,
            JoinBeforeHost = JoinBeforeHost,
            Strict = Strict,
            Locked = Locked,
            OrganiserName = Me.Name,
        };
        (MeetingPlan? plan, BodyFault? fault) = await planner.ReadAsync(Me.Organisation, body, Cancel);
        if (fault is not null)
            Refuse(FieldOf(fault.Member), MeetingWords.SentenceOf(fault));
        return plan;
    }

    private static string FieldOf(string member) => member switch
    {
        nameof(MeetingRequest.People) => nameof(Mailboxes),
        nameof(MeetingRequest.Rooms) or nameof(MeetingRequest.Class) => "",
        _ => member,
    };
}
