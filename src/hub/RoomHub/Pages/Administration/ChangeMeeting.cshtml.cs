using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Changes a meeting, unless somebody else has since the form was opened. What differs in single occurrences stays.</summary>
internal sealed class ChangeMeetingModel(PeopleDesk people, Planner planner, PlanStore plans, RoomStore rooms) : MeetingForm(people, planner, rooms)
{
    private readonly Planner _planner = planner;

    public KeptMeeting? Meeting { get; private set; }

    public override bool IsNew => false;

    [BindProperty]
    public long Version { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();

        MeetingPlan plan = Meeting!.Plan;
        Version = Meeting.Version;
        (Title, Zone, Rooms, Mailboxes) = (plan.Title, plan.Zone, [.. plan.Rooms], string.Join('\n', plan.People));
        Start = MeetingWords.InputOf(plan.Start);
        End = MeetingWords.InputOf(Zones.ToLocal(Zones.ToUtc(plan.Start, plan.Zone).AddSeconds(plan.DurationSeconds), plan.Zone));
        (Repeat, Last, Rule) = MeetingWords.ChoiceOf(plan.Rule);
        (JoinBeforeHost, Strict, Locked) = (!plan.MustWaitForHost, plan.IsStrict, plan.IsLocked);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id)
    {
        if (!await FindAsync(id))
            return NotFound();
        if (await ReadAsync(Meeting!.Plan) is { } plan)
        {
            switch (await _planner.ChangeAsync(Me.Organisation, id, Version, plan, Actor, Now, Cancel))
            {
                case PlanOutcome.Done:
                    return Done($"/meetings/{id}", "saved");
                case PlanOutcome.NotFound:
                    return NotFound();
                default:
                    Refuse("", "Somebody has changed the meeting since you opened this form. Open it again.");
                    break;
            }
        }

        return Page();
    }

    private async Task<bool> FindAsync(Guid id)
    {
        await LoadAsync();
        (Meeting, _) = await plans.FindAsync(Me.Organisation, id, Now, Cancel);
        return Meeting is not null;
    }
}
