using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One meeting: when it is, and the links for its guests.</summary>
internal sealed class MeetingPageModel(PeopleDesk people, PlanStore plans, RoomStore rooms, GuestLinks links, Accounts accounts) : HubPage(people)
{
    private const int MostShown = 50;

    public KeptMeeting? Meeting { get; private set; }

    public IReadOnlyList<KeptOccurrence> Occurrences { get; private set; } = [];

    public bool More { get; private set; }

    public IReadOnlyList<DateTime> CalledOff { get; private set; } = [];

    public IReadOnlyList<string> Places { get; private set; } = [];

    public IReadOnlyList<GuestLink> Links { get; private set; } = [];

    public ShownOnce? Made { get; private set; }

    public bool IsImported => Meeting!.Uid != $"{Meeting.Id:D}";

    public string Entering => Meeting!.Plan switch
    {
        { IsStrict: true } => "Strict: only the device of a host lets people in",
        { IsLocked: true } => "Locked: only a host lets people in",
        { MustWaitForHost: true } => "Whoever is invited enters when a host is there",
        _ => "Whoever is invited enters, also before a host is there",
    };

    /// <summary>The page of one occurrence; a meeting that does not repeat has none.</summary>
    public string? WayTo(KeptOccurrence occurrence) => Calendar.Occurrences.OriginalOf(occurrence.Key) is { } original ? WayTo(original) : null;

    public string WayTo(DateTime original) => $"/meetings/{Meeting!.Id}/occurrences/{MeetingBodies.Text(original)}";

    public async Task<IActionResult> OnGetAsync(Guid id) => await FindAsync(id) ? Page() : NotFound();

    public async Task<IActionResult> OnPostLinkAsync(Guid id)
    {
        if (await links.AddAsync(Me.Organisation, id, GuestLinks.UsualLife, Actor, Now, Cancel) is not { } made)
            return NotFound();

        if (made.Secret is { } secret)
            Made = new ShownOnce("The link is made", "Give it to those who are to come. Everybody who has it may.", [("guest-link", "Link", GuestEndpoints.LinkOf(accounts, secret))]);
        else
            Refuse("", "The meeting has too many links. Make some of them void first.");
        return await FindAsync(id) ? Page() : NotFound();
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid id, Guid link) =>
        await links.RevokeAsync(Me.Organisation, id, link, Actor, Now, Cancel) ? Done($"/meetings/{id}", "link-revoked") : NotFound();

    private async Task<bool> FindAsync(Guid id)
    {
        (Meeting, List<KeptOccurrence> coming) = await plans.FindAsync(Me.Organisation, id, Now, Cancel);
        if (Meeting is null)
            return false;

        MeetingPlan plan = Meeting.Plan;
        (Occurrences, More) = ([.. coming.Take(MostShown)], coming.Count > MostShown);
        DateTime today = Zones.ToLocal(Now, plan.Zone);
        CalledOff = [.. plan.Changes.Where(change => change.IsCancelled && change.Original >= today).Select(change => change.Original).Take(MostShown)];
        Dictionary<Guid, string> names = (await rooms.AllAsync(Me.Organisation, Cancel)).ToDictionary(room => room.Id, room => room.Name);
        Places = [.. plan.Rooms.Select(room => names.GetValueOrDefault(room)).OfType<string>()];
        Links = await links.ListAsync(Me.Organisation, id, Now, Cancel) ?? [];
        return true;
    }
}
