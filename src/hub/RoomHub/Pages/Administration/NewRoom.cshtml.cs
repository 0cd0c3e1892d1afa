using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Makes a room.</summary>
internal sealed class NewRoomModel(PeopleDesk people, RoomStore rooms) : RoomForm(people)
{
    // Most rooms of an organisation are in one zone.
    public async Task OnGetAsync() => Zone = (await rooms.ListAsync(Me.Organisation, after: null, Cancel)).FirstOrDefault()?.Zone ?? "Etc/UTC";

    public async Task<IActionResult> OnPostAsync()
    {
        if (Read(Guid.NewGuid(), before: null) is not { } room)
            return Page();

        RoomOutcome outcome = await rooms.AddAsync(room, Actor, Now, Cancel);
        if (outcome == RoomOutcome.Done)
            return Done($"/rooms/{room.Id}", "room-made");

        Refuse(outcome);
        return Page();
    }
}
