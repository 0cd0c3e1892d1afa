using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Removes a room.</summary>
internal sealed class RemoveRoomModel(PeopleDesk people, RoomStore rooms) : HubPage(people)
{
    public Room? Room { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Room = await rooms.FindAsync(Me.Organisation, id, Cancel);
        return Room is null ? NotFound() : Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id) =>
        await rooms.RemoveAsync(Me.Organisation, id, Actor, Now, Cancel) ? Done("/rooms", "room-removed") : NotFound();
}
