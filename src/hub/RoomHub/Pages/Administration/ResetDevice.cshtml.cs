using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Ends the access of a device (E25).</summary>
internal sealed class ResetDeviceModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    public MachineAccount? Device { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Device = await accounts.Store.FindAsync(new DeviceId(id), Cancel);
        return Device is { IsActive: true } && Device.Organisation == Me.Organisation ? Page() : NotFound();
    }

    public async Task<IActionResult> OnPostAsync(Guid id)
    {
        if (await accounts.Store.EndAsync(new DeviceId(id), AccessEvents.AccessReset, Actor, Now, Me.Organisation, Cancel) is not { } ended)
            return NotFound();

        await Accounts.TellAsync(HttpContext, [ended], AccessEvents.AccessReset);
        return Done($"/devices/{id}", "access-reset");
    }
}
