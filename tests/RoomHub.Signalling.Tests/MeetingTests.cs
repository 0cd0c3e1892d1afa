using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>Whole meetings of paired devices through one real hub.</summary>
public sealed class MeetingTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly List<Room> _rooms = [];
    private RunningHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await Meeting.HubAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
            await room.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task TwoDevicesPairEnterFoundAGroupAndHearEachOther()
    {
        Room host = await PairAsync(), guest = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), host, guest);

        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);

        // Each has heard the other's heartbeat, which the hub relays and cannot read.
        await Meeting.UntilAsync(() => IsConfirmed(host) && IsConfirmed(guest), () => "no heartbeat came");
    }

    private static bool IsConfirmed(Room room) => room.Look(member => member.Roster.All(entry => member.IsConfirmed(entry.Leaf)));

    private async Task<Room> PairAsync()
    {
        Room room = await _hub.PairAsync(_school);
        _rooms.Add(room);
        return room;
    }
}
