using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The start page: what needs attention, what runs, what comes.</summary>
internal sealed class IndexModel(PeopleDesk people, Accounts accounts, OpenMeetings meetings, Agenda agenda, RoomStore rooms) : HubPage(people)
{
    private static readonly TimeSpan s_recent = TimeSpan.FromDays(30);
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(1);

    private const int MostShown = 20;

    public List<(string Text, string Path, string Way)> Attention { get; } = [];

    public int ActiveDevices { get; private set; }

    public IReadOnlyList<RunningMeeting> Open { get; private set; } = [];

    public IReadOnlyList<AgendaEntry> Coming { get; private set; } = [];

    public IReadOnlyList<Room> Rooms { get; private set; } = [];

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

        Rooms = await rooms.AllAsync(Me.Organisation, Cancel);
        Open = await meetings.ListAsync(Me.Organisation, Cancel);
        Coming = await agenda.ListAsync(Me.Organisation, room: null, Now, Now + s_soon, skip: 0, MostShown, Cancel);
        HashSet<DeviceId> placed = [.. Rooms.Select(room => room.Device).OfType<DeviceId>()];
        int homeless = devices.Count(device => device.IsActive && !placed.Contains(device.Id));
        if (homeless > 0)
            Attention.Add((homeless == 1 ? "A paired device stands in no room, so that it has no calendar." : $"{homeless} paired devices stand in no room, so that they have no calendar.", "/rooms", "Place it in a room"));

        List<Person> everybody = await People.Store.ListAsync(Me.Organisation, skip: 0, PeopleStore.MostPeople, Cancel);
        if (everybody.Count(person => person is { IsAdministrator: true, DisabledAt: null }) < 2)
            Attention.Add(("You are the only administrator. If you lose your password, somebody has to go to the hub's console.", "/people/invite", "Invite another one"));
    }
}
