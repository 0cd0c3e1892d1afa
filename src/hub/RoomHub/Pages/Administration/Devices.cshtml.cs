using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The devices of an organisation and how they stand.</summary>
internal sealed class DevicesModel(PeopleDesk people, Accounts accounts, Store.Presence presence) : HubPage(people)
{
    public IReadOnlyList<MachineAccount> Devices { get; private set; } = [];

    private HashSet<string> _online = [];

    public PageLinks Links { get; private set; } = new(null, null);

    [BindProperty(SupportsGet = true)]
    public Guid? After { get; set; }

    public bool IsOnline(MachineAccount device) => _online.Contains(IDeviceNotices.SubjectOf(device.Id));

    public async Task OnGetAsync()
    {
        Devices = await accounts.Store.ListAsync(Me.Organisation, After is { } after ? new DeviceId(after) : null, Cancel);
        _online = await presence.OnlineAsync([.. Devices.Where(device => device.IsActive).Select(device => IDeviceNotices.SubjectOf(device.Id))], Cancel);
        Links = new PageLinks(After is null ? null : "/devices", Devices.Count == AccountStore.MostListed ? $"/devices?after={Devices[^1].Id}" : null);
    }
}
