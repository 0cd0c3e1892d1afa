using RoomAgent.Hub.Devices;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The start page: what needs attention.</summary>
internal sealed class IndexModel(PeopleDesk people, Accounts accounts) : HubPage(people)
{
    private static readonly TimeSpan s_recent = TimeSpan.FromDays(30);

    public List<(string Text, string Path, string Way)> Attention { get; } = [];

    public int ActiveDevices { get; private set; }

    public async Task OnGetAsync()
    {
        if (!Me.IsAdministrator)
            return;

        List<MachineAccount> devices = await accounts.Store.ListAsync(Me.Organisation, cancel: Cancel);
        ActiveDevices = devices.Count(device => device.IsActive);
        foreach (MachineAccount device in devices.Where(device => device.EndedBy == AccessEvents.ClonedDevice && device.EndedAt > Now - s_recent))
            Attention.Add(($"Somebody had a copy of the secrets of {DeviceWords.NameOf(device)}, so its access was ended. See that nobody else has the device, then pair it anew.", $"/devices/{device.Id}", "Look at it"));
        if (accounts.Authority.NeedsRoot)
            Attention.Add(("The hub's certificate authority has to be renewed. Start the hub once with the secret of the root.", "/about", "About this hub"));
        if (ActiveDevices == 0)
            Attention.Add(("No device is paired yet.", "/pair", "Pair one"));

        List<Person> everybody = await People.Store.ListAsync(Me.Organisation, skip: 0, PeopleStore.MostPeople, Cancel);
        if (everybody.Count(person => person is { IsAdministrator: true, DisabledAt: null }) < 2)
            Attention.Add(("You are the only administrator. If you lose your password, somebody has to go to the hub's console.", "/people/invite", "Invite another one"));
    }
}
