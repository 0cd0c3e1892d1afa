using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>Ends the access of all devices of an organisation (E24).</summary>
internal sealed class ResetDevicesModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    public IActionResult OnGet() => Page();

    public async Task<IActionResult> OnPostAsync()
    {
        List<MachineAccount> ended = await accounts.Store.EndAllAsync(Me.Organisation, AccessEvents.AccessReset, Actor, Now, Cancel);
        await Accounts.TellAsync(HttpContext, ended, AccessEvents.AccessReset);
        return Done("/devices", "all-reset");
    }
}
