using System.Threading.Channels;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Calendar;

/// <summary>Tells all hubs which devices have another calendar, and on each hub those who hold connections.</summary>
internal sealed class CalendarChanges(Database database, IEnumerable<ICalendarListener> listeners, ILogger<CalendarChanges> log) : BackgroundService
{
    private const string Topic = "calendar";
    private const int IdSize = 16;

    // So many ids are in one announcement at the most, which keeps it below what one message of the database should be.
    private const int MostIds = 200;

    // A hub that is so far behind tells everyone instead.
    private const int MostWaiting = 10_000;

    private readonly ICalendarListener[] _listeners = [.. listeners];
    private readonly Channel<DeviceId> _waiting = Channel.CreateBounded<DeviceId>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly SemaphoreSlim _arrived = new(0);
    private volatile bool _missed;

    /// <summary>Announces, with a transaction, that devices have another calendar.</summary>
    public static async Task AnnounceAsync(Transaction transaction, IEnumerable<DeviceId?> devices, CancellationToken cancel)
    {
        foreach (DeviceId[] some in devices.OfType<DeviceId>().Distinct().Chunk(MostIds))
            await transaction.AnnounceAsync(Topic, [.. some.SelectMany(device => device.ToBytes())], cancel);
    }

    /// <summary>Announces that the calendars of rooms have changed.</summary>
    public static async Task AnnounceRoomsAsync(Transaction transaction, IEnumerable<Guid> rooms, CancellationToken cancel)
    {
        var devices = new List<DeviceId?>();
        foreach (Guid room in rooms)
        {
            byte[]? device = await transaction.FirstAsync($"SELECT device FROM room WHERE room = {room.ToByteArray(bigEndian: true)} AND device IS NOT NULL", row => row.Bytes(0), cancel);
            devices.Add(device is null ? null : DeviceId.Of(device));
        }

        await AnnounceAsync(transaction, devices, cancel);
    }

    /// <summary>Announces the change of a room to all that share a meeting to come with it, whose hosts may be others now.</summary>
    public static async Task AnnounceNeighboursAsync(Transaction transaction, Guid room, DateTimeOffset now, CancellationToken cancel)
    {
        const int most = 500;
        List<Guid> neighbours = await transaction.AllAsync(
            $"""
            SELECT DISTINCT other.room FROM calendar_place mine JOIN calendar_place other ON other.meeting = mine.meeting AND other.original = mine.original
            WHERE mine.room = {room.ToByteArray(bigEndian: true)} AND mine.ends_at > {now} LIMIT {most}
            """,
            row => new Guid(row.Bytes(0), bigEndian: true),
            cancel);
        await AnnounceRoomsAsync(transaction, neighbours, cancel);
    }

    /// <summary>Announces a change of who has an account in an organisation, whose meetings may have other hosts now. All its devices read again: what a meeting's hosts are called is inside its plan.</summary>
    public static async Task AnnounceOrganisationAsync(Transaction transaction, OrganisationId organisation, CancellationToken cancel)
    {
        List<DeviceId> devices = await transaction.AllAsync(
            $"SELECT device FROM room WHERE organisation = {organisation.ToBytes()} AND device IS NOT NULL LIMIT {RoomStore.MostRooms}",
            row => DeviceId.Of(row.Bytes(0)),
            cancel);
        await AnnounceAsync(transaction, devices.Select(device => (DeviceId?)device), cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        database.Announced += Hear;
        database.AnnouncementsMissed += Miss;
        try
        {
            while (true)
            {
                await _arrived.WaitAsync(stoppingToken);
                await TellAsync(stoppingToken);
            }
        }
        finally
        {
            database.Announced -= Hear;
            database.AnnouncementsMissed -= Miss;
        }
    }

    // Called where the database hears it: quick, and without an exception.
    private void Hear(Announcement announcement)
    {
        if (announcement.Topic != Topic)
            return;

        for (int at = 0; at + IdSize <= announcement.Content.Length; at += IdSize)
            _missed |= !_waiting.Writer.TryWrite(DeviceId.Of(announcement.Content[at..(at + IdSize)]));
        _arrived.Release();
    }

    private void Miss()
    {
        _missed = true;
        _arrived.Release();
    }

    // What came several times is told once.
    private async Task TellAsync(CancellationToken cancel)
    {
        bool missed = _missed;
        _missed = false;
        var devices = new HashSet<DeviceId>();
        while (_waiting.Reader.TryRead(out DeviceId device))
            devices.Add(device);

        foreach (ICalendarListener listener in _listeners)
        {
            if (missed)
                await TellAsync(() => listener.CalendarsMayHaveChangedAsync(cancel), cancel);
            foreach (DeviceId device in missed ? [] : devices)
                await TellAsync(() => listener.CalendarChangedAsync(device, cancel), cancel);
        }
    }

    private async Task TellAsync(Func<Task> tell, CancellationToken cancel)
    {
        try
        {
            await tell();
        }
        catch (Exception problem) when (!cancel.IsCancellationRequested)
        {
            // A device that was not told reads its calendar a little later by itself.
            CalendarLog.NotTold(log, problem);
        }
    }

    public override void Dispose()
    {
        _arrived.Dispose();
        base.Dispose();
    }
}
