using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One device.</summary>
internal sealed class DeviceModel(PeopleDesk people, Accounts accounts, RoomStore rooms, Store.Presence presence) : HubPage(people)
{
    public MachineAccount? Device { get; private set; }

    public Room? Room { get; private set; }

    public bool IsOnline { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Device = await accounts.Store.FindAsync(new DeviceId(id), Cancel);
        if (Device?.Organisation != Me.Organisation)
            return NotFound();

        Room = await rooms.OfDeviceAsync(Device.Id, Cancel);
        IsOnline = Device.IsActive && (await presence.FindAsync(IDeviceNotices.SubjectOf(Device.Id), Cancel)).Count > 0;
        return Page();
    }
}
