using Microsoft.AspNetCore.Mvc;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Pages;

/// <summary>The rooms of an organisation.</summary>
internal sealed class RoomsModel(PeopleDesk people, RoomStore rooms, Accounts accounts) : HubPage(people)
{
    private const int OnAPage = 100;

    private readonly Dictionary<DeviceId, string> _devices = [];

    public IReadOnlyList<Room> Rooms { get; private set; } = [];

    public PageLinks Links { get; private set; } = new(null, null);

    [BindProperty(SupportsGet = true)]
    public int From { get; set; }

    public string NameOf(DeviceId device) => _devices.GetValueOrDefault(device, "a device");

    public async Task OnGetAsync()
    {
        int skip = Math.Clamp(From, 0, RoomStore.MostRooms);
        List<Room> all = await rooms.AllAsync(Me.Organisation, Cancel);
        Rooms = [.. all.Skip(skip).Take(OnAPage)];
        Links = new PageLinks(skip == 0 ? null : "/rooms", all.Count > skip + OnAPage ? $"/rooms?from={skip + OnAPage}" : null);
        foreach (DeviceId device in Rooms.Select(room => room.Device).OfType<DeviceId>())
        {
            if (await accounts.Store.FindAsync(device, Cancel) is { } account)
                _devices[device] = DeviceWords.NameOf(account);
        }
    }
}
