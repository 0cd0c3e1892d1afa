using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Calls a meeting off, with all its occurrences.</summary>
internal sealed class RemoveMeetingModel(PeopleDesk people, PlanStore plans) : HubPage(people)
{
    public KeptMeeting? Meeting { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        (Meeting, _) = await plans.FindAsync(Me.Organisation, id, Now, Cancel);
        return Meeting is null ? NotFound() : Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id) =>
        await plans.RemoveAsync(Me.Organisation, id, Actor, Now, Cancel) ? Done("/meetings", "meeting-removed") : NotFound();
}
