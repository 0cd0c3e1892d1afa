using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Calendar;

/// <summary>What became of a change to a room.</summary>
internal enum RoomOutcome
{
    /// <summary>It is so.</summary>
    Done,

    /// <summary>There is no such room, or no such device, in this organisation.</summary>
    NotFound,

    /// <summary>Another room has the name, the mailbox or the lasting address.</summary>
    Taken,

    /// <summary>There are too many rooms.</summary>
    TooMany,
}

/// <summary>The rooms of organisations in the database.</summary>
internal sealed class RoomStore(Database database)
{
    /// <summary>The most rooms of an organisation.</summary>
    public const int MostRooms = 2_000;

    /// <summary>What a page of a list has at the most.</summary>
    public const int MostListed = 200;

    /// <summary>A page of the rooms of an organisation, by their ids.</summary>
    public Task<List<Room>> ListAsync(OrganisationId organisation, Guid? after, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE organisation = {organisation.ToBytes()} AND room > {after?.ToByteArray(bigEndian: true) ?? []} ORDER BY room LIMIT {MostListed}",
            Read,
            cancel),
        cancel);

    /// <summary>All rooms of an organisation, by name.</summary>
    public async Task<List<Room>> AllAsync(OrganisationId organisation, CancellationToken cancel) =>
        [.. (await database.ReadAsync(transaction => AllAsync(transaction, organisation, cancel), cancel)).OrderBy(room => room.NameKey, StringComparer.Ordinal)];

    /// <summary>The room that a device stands in.</summary>
    public Task<Room?> OfDeviceAsync(DeviceId device, CancellationToken cancel) => database.ReadAsync(transaction => OfDeviceAsync(transaction, device, cancel), cancel);

    /// <summary>A room of an organisation.</summary>
    public Task<Room?> FindAsync(OrganisationId organisation, Guid room, CancellationToken cancel) =>
        database.ReadAsync(transaction => FindAsync(transaction, organisation, room, cancel), cancel);

    /// <summary>Makes a room.</summary>
    public Task<RoomOutcome> AddAsync(Room room, string actor, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(transaction => AddAsync(transaction, room, actor, now, cancel), cancel: cancel);

    /// <summary>Puts another description in the place of the one of a room.</summary>
    public Task<RoomOutcome> ChangeAsync(Room room, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, room.Organisation, room.Id, cancel) is not { } before)
                return RoomOutcome.NotFound;
            if (await CheckAsync(transaction, room, cancel) is var outcome and not RoomOutcome.Done)
                return outcome;

            await TakeDeviceAsync(transaction, room, now, cancel);
            await transaction.ExecuteAsync(
                $"UPDATE room SET name = {room.Name}, name_key = {room.NameKey}, zone = {room.Zone}, mailbox = {room.Mailbox}, device = {room.Device?.ToBytes()}, owner = {room.Owner}, address = {room.Address} WHERE room = {Bytes(room.Id)}",
                cancel);
            await AccountStore.NoteAsync(transaction, CalendarEvents.RoomChanged, room.Organisation, room.Device, actor, now, cancel, Bytes(room.Id));
            await CalendarChanges.AnnounceAsync(transaction, [before.Device, room.Device], cancel);
            await CalendarChanges.AnnounceNeighboursAsync(transaction, room.Id, now, cancel);
            await FeedStore.ReadAgainAsync(transaction, room.Organisation, now, cancel);
            return RoomOutcome.Done;
        },
        cancel: cancel);

    /// <summary>Removes a room. Meetings go on without it.</summary>
    public Task<bool> RemoveAsync(OrganisationId organisation, Guid room, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction, organisation, room, cancel) is not { } before)
                return false;

            await CalendarChanges.AnnounceAsync(transaction, [before.Device], cancel);
            await CalendarChanges.AnnounceNeighboursAsync(transaction, room, now, cancel);
            await transaction.ExecuteAsync($"DELETE FROM calendar_place WHERE room = {Bytes(room)}", cancel);
            await transaction.ExecuteAsync($"DELETE FROM room WHERE room = {Bytes(room)}", cancel);
            await AccountStore.NoteAsync(transaction, CalendarEvents.RoomRemoved, organisation, before.Device, actor, now, cancel, Bytes(room));
            return true;
        },
        cancel: cancel);

    /// <summary>Says in which room a device stands: in one that there is, or in the one of the device's name, which is made if there is none.</summary>
    /// <returns>The room; <see langword="null"/> unless it is done.</returns>
    public Task<(RoomOutcome Outcome, Room? Room)> PlaceDeviceAsync(OrganisationId organisation, DeviceId device, Guid? room, string zone, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync<(RoomOutcome, Room?)>(
        async transaction =>
        {
            if (await AccountStore.FindAsync(transaction, device, cancel) is not { IsActive: true } account || account.Organisation != organisation)
                return (RoomOutcome.NotFound, null);

            Room? there = room is { } id ? await FindAsync(transaction, organisation, id, cancel) : await ByNameAsync(transaction, organisation, account.Name, cancel);
            if (there is null && room is not null)
                return (RoomOutcome.NotFound, null);
            if (there is null)
            {
                var made = new Room(Guid.NewGuid(), organisation, account.Name.Length > 0 ? account.Name : account.Id.ToString(), zone, null, device, null, null);
                RoomOutcome outcome = await AddAsync(transaction, made, actor, now, cancel);
                return (outcome, outcome == RoomOutcome.Done ? made : null);
            }

            Room placed = there with { Device = device };
            await TakeDeviceAsync(transaction, placed, now, cancel);
            await transaction.ExecuteAsync($"UPDATE room SET device = {device.ToBytes()} WHERE room = {Bytes(there.Id)}", cancel);
            await AccountStore.NoteAsync(transaction, CalendarEvents.RoomChanged, organisation, device, actor, now, cancel, Bytes(there.Id));
            await CalendarChanges.AnnounceAsync(transaction, [there.Device, device], cancel);
            await CalendarChanges.AnnounceNeighboursAsync(transaction, there.Id, now, cancel);
            return (RoomOutcome.Done, placed);
        },
        cancel: cancel);

    /// <summary>The room that a device stands in, in a transaction.</summary>
    public static Task<Room?> OfDeviceAsync(Transaction transaction, DeviceId device, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE device = {device.ToBytes()}",
        Read,
        cancel);

    /// <summary>The personal room at a lasting address, in a transaction.</summary>
    public static Task<Room?> AtAsync(Transaction transaction, string address, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE address = {address}",
        Read,
        cancel);

    /// <summary>A room of an organisation, in a transaction.</summary>
    public static Task<Room?> FindAsync(Transaction transaction, OrganisationId organisation, Guid room, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE room = {Bytes(room)} AND organisation = {organisation.ToBytes()}",
        Read,
        cancel);

    /// <summary>All rooms of an organisation, in a transaction, to find them by name and mailbox.</summary>
    public static Task<List<Room>> AllAsync(Transaction transaction, OrganisationId organisation, CancellationToken cancel) => transaction.AllAsync(
        $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE organisation = {organisation.ToBytes()} ORDER BY room LIMIT {MostRooms}",
        Read,
        cancel);

    private static Task<Room?> ByNameAsync(Transaction transaction, OrganisationId organisation, string name, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT room, organisation, name, zone, mailbox, device, owner, address FROM room WHERE organisation = {organisation.ToBytes()} AND name_key = {Room.KeyOf(name)}",
        Read,
        cancel);

    private static async Task<RoomOutcome> AddAsync(Transaction transaction, Room room, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        long rooms = await transaction.FirstAsync($"SELECT COUNT(*) FROM room WHERE organisation = {room.Organisation.ToBytes()}", row => row.Long(0), cancel);
        if (rooms >= MostRooms)
            return RoomOutcome.TooMany;
        if (await CheckAsync(transaction, room, cancel) is var outcome and not RoomOutcome.Done)
            return outcome;

        await TakeDeviceAsync(transaction, room, now, cancel);
        await transaction.ExecuteAsync(
            $"INSERT INTO room (room, organisation, name, name_key, zone, mailbox, device, owner, address, made_at) VALUES ({Bytes(room.Id)}, {room.Organisation.ToBytes()}, {room.Name}, {room.NameKey}, {room.Zone}, {room.Mailbox}, {room.Device?.ToBytes()}, {room.Owner}, {room.Address}, {now})",
            cancel);
        await AccountStore.NoteAsync(transaction, CalendarEvents.RoomMade, room.Organisation, room.Device, actor, now, cancel, Bytes(room.Id));
        await CalendarChanges.AnnounceAsync(transaction, [room.Device], cancel);
        await FeedStore.ReadAgainAsync(transaction, room.Organisation, now, cancel);
        return RoomOutcome.Done;
    }

    private static async Task<RoomOutcome> CheckAsync(Transaction transaction, Room room, CancellationToken cancel)
    {
        if (room.Device is { } device && (await AccountStore.FindAsync(transaction, device, cancel) is not { IsActive: true } account || account.Organisation != room.Organisation))
            return RoomOutcome.NotFound;

        // A lasting address is one in the whole hub.
        long taken = await transaction.FirstAsync(
            $"SELECT COUNT(*) FROM room WHERE room <> {Bytes(room.Id)} AND ((organisation = {room.Organisation.ToBytes()} AND (name_key = {room.NameKey} OR mailbox = {room.Mailbox})) OR address = {room.Address})",
            row => row.Long(0),
            cancel);
        return taken > 0 ? RoomOutcome.Taken : RoomOutcome.Done;
    }

    // A device stands in one room.
    private static async Task TakeDeviceAsync(Transaction transaction, Room room, DateTimeOffset now, CancellationToken cancel)
    {
        if (room.Device is not { } device || await OfDeviceAsync(transaction, device, cancel) is not { } other || other.Id == room.Id)
            return;

        await transaction.ExecuteAsync($"UPDATE room SET device = NULL WHERE room = {Bytes(other.Id)}", cancel);
        await CalendarChanges.AnnounceNeighboursAsync(transaction, other.Id, now, cancel);
    }

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    private static Room Read(Row row) => new(
        new Guid(row.Bytes(0), bigEndian: true),
        OrganisationId.Of(row.Bytes(1)),
        row.Text(2),
        row.Text(3),
        row.TextOrNull(4),
        row.BytesOrNull(5) is { } device ? DeviceId.Of(device) : null,
        row.TextOrNull(6),
        row.TextOrNull(7));
}
