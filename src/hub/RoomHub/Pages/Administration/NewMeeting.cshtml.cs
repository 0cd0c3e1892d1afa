using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Schedules a meeting.</summary>
internal sealed class NewMeetingModel(PeopleDesk people, Planner planner, PlanStore plans, RoomStore rooms) : MeetingForm(people, planner, rooms)
{
    public override bool IsNew => true;

    // The next full hour of the zone that most rooms are in.
    public async Task OnGetAsync()
    {
        await LoadAsync();
        Zone = All is [{ } first, ..] ? first.Zone : "Etc/UTC";
        DateTime local = Zones.ToLocal(Now, Zone);
        DateTime start = local.Date.AddHours(local.Hour + 1);
        (Start, End, JoinBeforeHost) = (MeetingWords.InputOf(start), MeetingWords.InputOf(start.AddHours(1)), true);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        if (await ReadAsync(before: null) is { } plan)
        {
            if (await plans.AddAsync(Me.Organisation, plan, Actor, Now, Cancel) is { } made)
                return Done($"/meetings/{made.Id}", "meeting-made");
            Refuse("", "There are too many meetings. Remove some first.");
        }

        await LoadAsync();
        return Page();
    }
}
