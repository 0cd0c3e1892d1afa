using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>One device.</summary>
internal sealed class DeviceModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    public MachineAccount? Device { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id)
    {
        Device = await accounts.Store.FindAsync(new DeviceId(id), Cancel);
        return Device?.Organisation == Me.Organisation ? Page() : NotFound();
    }
}
