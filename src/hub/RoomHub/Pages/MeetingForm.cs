using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The form of a meeting, for a new one and for one that there is. With all rooms that a meeting may have it is larger than other forms.</summary>
[RequestFormLimits(ValueCountLimit = MeetingPlan.MaxRooms + 50, KeyLengthLimit = 100, ValueLengthLimit = 3 * MaxMailboxes)]
internal abstract class MeetingForm(PeopleDesk people, Planner planner, RoomStore rooms) : HubPage(people)
{
    /// <summary>The most letters of the mailboxes, which fit into the body of a form.</summary>
    public const int MaxMailboxes = 10_000;

    public IReadOnlyList<Room> All { get; protected set; } = [];

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

    /// <summary>Whether its class may be chosen: it never changes later.</summary>
    public abstract bool IsNew { get; }

    /// <summary>Reads the rooms that there are to choose from.</summary>
    protected async Task LoadAsync() => All = await rooms.AllAsync(Me.Organisation, Cancel);

    /// <summary>Reads the form; notes what is wrong with it.</summary>
    /// <param name="before">The meeting as it was: what the form does not show stays.</param>
    protected async Task<MeetingPlan?> ReadAsync(MeetingPlan? before)
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
            Class = before is null ? Class : MeetingBodies.WordOf(before.Class),
            JoinBeforeHost = JoinBeforeHost,
            Strict = Strict,
            Locked = Locked,
            Excluded = before?.Excluded.Select(MeetingBodies.Text).ToArray(),
            Added = before?.Added.Select(MeetingBodies.Text).ToArray(),
            HostPeople = before?.HostPeople,
            HostRooms = before?.HostRooms,
            OrganiserName = before?.OrganiserName ?? Me.Name,
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
