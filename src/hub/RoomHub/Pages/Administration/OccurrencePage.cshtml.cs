using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One occurrence of a meeting that repeats: moved, called off, or as the others again.</summary>
internal sealed class OccurrencePageModel(PeopleDesk people, PlanStore plans, Planner planner) : HubPage(people)
{
    private PlannedChange? _change;

    public Guid Id { get; private set; }

    public DateTime Original { get; private set; }

    public string Title { get; private set; } = "";

    public string Zone { get; private set; } = "";

    public bool IsCalledOff => _change is { IsCancelled: true };

    public bool IsChanged => _change is not null;

    [BindProperty]
    public string? Start { get; set; }

    [BindProperty]
    public string? End { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id, string original)
    {
        if (await FindAsync(id, original) is not { } plan)
            return NotFound();

        DateTime start = _change?.Start ?? Original;
        Start = MeetingWords.InputOf(start);
        End = MeetingWords.InputOf(Zones.ToLocal(Zones.ToUtc(start, plan.Zone).AddSeconds(_change?.DurationSeconds ?? plan.DurationSeconds), plan.Zone));
        return Page();
    }

    // Its title and its rooms, when they are its own, stay.
    public async Task<IActionResult> OnPostMoveAsync(Guid id, string original) => await FindAsync(id, original) is null
        ? NotFound()
        : await ChangeAsync(new OccurrenceRequest { Start = Start ?? "", End = End ?? "", Title = _change?.Title, Rooms = _change?.Rooms }, "moved");

    public async Task<IActionResult> OnPostCallOffAsync(Guid id, string original) =>
        await FindAsync(id, original) is null ? NotFound() : await ChangeAsync(new OccurrenceRequest { Cancelled = true }, "called-off");

    public async Task<IActionResult> OnPostRestoreAsync(Guid id, string original) =>
        await FindAsync(id, original) is null ? NotFound() : await ChangeAsync(new OccurrenceRequest(), "restored");

    private async Task<IActionResult> ChangeAsync(OccurrenceRequest body, string word)
    {
        switch (await planner.ChangeOccurrenceAsync(Me.Organisation, Id, Original, body, Actor, Now, Cancel))
        {
            case PlanOutcome.Done:
                return Done($"/meetings/{Id}", word);
            case PlanOutcome.NotFound:
                return NotFound();
            default:
                Refuse(nameof(Start), "Write a start and an end after it, at most 14 days apart.");
                return Page();
        }
    }

    private async Task<MeetingPlan?> FindAsync(Guid id, string original)
    {
        (KeptMeeting? meeting, _) = await plans.FindAsync(Me.Organisation, id, Now, Cancel);
        if (meeting?.Plan is not { } plan || MeetingBodies.ReadLocal(original) is not { } which || !Occurrences.Has(plan, which))
            return null;

        (Id, Original, Title, Zone, _change) = (id, which, plan.Title, plan.Zone, plan.ChangeOf(which));
        return plan;
    }
}
