using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Calendar;

/// <summary>A calendar that is polled.</summary>
/// <param name="Id">Which.</param>
/// <param name="Organisation">Whose.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Zone">The zone of times that name none.</param>
/// <param name="Class">Of what kind its meetings become.</param>
/// <param name="Room">The room whose calendar it is.</param>
/// <param name="Entity">What the server called the file that was taken over last (ETag).</param>
/// <param name="Modified">When the server said that it was written (Last-Modified).</param>
/// <param name="PolledAt">When it was looked at last.</param>
/// <param name="GoodAt">When that went well last.</param>
/// <param name="Fault">What went wrong last; see <see cref="FeedFaults"/>.</param>
/// <param name="FaultLine">In which line of the file.</param>
/// <param name="Failures">How often in a row.</param>
internal sealed record Feed(
    Guid Id, OrganisationId Organisation, string Address, string Zone, MeetingClass Class, Guid? Room, string? Entity, string? Modified,
    DateTimeOffset? PolledAt, DateTimeOffset? GoodAt, string? Fault, int? FaultLine, int Failures);

/// <summary>Words for what may go wrong with a calendar that is polled.</summary>
internal static class FeedFaults
{
    public const string Unreachable = "unreachable";
    public const string PrivateAddress = "private-address";
    public const string Refused = "refused";
    public const string TooManyRedirects = "too-many-redirects";
    public const string TooLarge = "too-large";
    public const string TooSlow = "too-slow";
    public const string NotACalendar = "not-a-calendar";
    public const string TooMuch = "too-many-meetings";

    /// <summary>The hub could not cope with it; its log says why.</summary>
    public const string Broken = "internal-error";

    /// <summary>Some events were left out; the others were taken over.</summary>
    public const string LeftOut = "events-left-out";
}

/// <summary>The calendars that are polled, in the database.</summary>
internal sealed class FeedStore(Database database)
{
    /// <summary>The most of an organisation.</summary>
    public const int MostFeeds = 200;

    /// <summary>How often one is looked at.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_longestPause = TimeSpan.FromHours(1);

    /// <summary>Those of an organisation.</summary>
    public Task<List<Feed>> ListAsync(OrganisationId organisation, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT feed, organisation, address, zone, class, room, etag, modified, polled_at, good_at, fault, fault_line, failures FROM calendar_feed WHERE organisation = {organisation.ToBytes()} ORDER BY made_at, feed LIMIT {MostFeeds}",
            Read,
            cancel),
        cancel);

    /// <summary>Those that are due.</summary>
    public Task<List<Feed>> DueAsync(DateTimeOffset now, int most, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT feed, organisation, address, zone, class, room, etag, modified, polled_at, good_at, fault, fault_line, failures FROM calendar_feed WHERE next_at <= {now} ORDER BY next_at LIMIT {most}",
            Read,
            cancel),
        cancel);

    /// <summary>Adds one, which is polled at once.</summary>
    /// <returns>Whether there was room, and none with that address yet.</returns>
    public Task<bool> AddAsync(Feed feed, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await transaction.FirstAsync($"SELECT COUNT(*) FROM calendar_feed WHERE organisation = {feed.Organisation.ToBytes()}", row => row.Long(0), cancel) >= MostFeeds)
                return false;

            int added = await transaction.ExecuteAsync(
                $"INSERT INTO calendar_feed (feed, organisation, address, zone, class, room, made_at, next_at, failures) VALUES ({Bytes(feed.Id)}, {feed.Organisation.ToBytes()}, {feed.Address}, {feed.Zone}, {(long)feed.Class}, {feed.Room?.ToByteArray(bigEndian: true)}, {now}, {now}, 0) ON CONFLICT (organisation, address) DO NOTHING",
                cancel);
            if (added > 0)
                await AccountStore.NoteAsync(transaction, CalendarEvents.FeedMade, feed.Organisation, null, actor, now, cancel, Bytes(feed.Id));
            return added > 0;
        },
        cancel: cancel);

    /// <summary>Removes one, with its meetings.</summary>
    public Task<bool> RemoveAsync(OrganisationId organisation, Guid feed, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            if (await transaction.ExecuteAsync($"DELETE FROM calendar_feed WHERE organisation = {organisation.ToBytes()} AND feed = {Bytes(feed)}", cancel) == 0)
                return false;

            var touched = new HashSet<Guid>();
            foreach (KeptMeeting meeting in await PlanStore.OfSourceAsync(transaction, organisation, Bytes(feed), 2 * Files.CalendarFile.MostEvents, cancel))
                await PlanStore.RemoveAsync(transaction, meeting.Id, touched, cancel);
            await AccountStore.NoteAsync(transaction, CalendarEvents.FeedRemoved, organisation, null, actor, now, cancel, Bytes(feed));
            await CalendarChanges.AnnounceRoomsAsync(transaction, touched, cancel);
            return true;
        },
        cancel: cancel);

    /// <summary>Takes all calendars of an organisation over anew, in a transaction, since other rooms may be in them now.</summary>
    public static Task ReadAgainAsync(Transaction transaction, OrganisationId organisation, DateTimeOffset now, CancellationToken cancel) =>
        transaction.ExecuteAsync($"UPDATE calendar_feed SET etag = NULL, modified = NULL, next_at = {now} WHERE organisation = {organisation.ToBytes()}", cancel);

    /// <summary>Notes that one was looked at. One that has gone in the meantime stays away.</summary>
    public Task NoteAsync(Feed feed, string? fault, int? line, string? entity, string? modified, DateTimeOffset now, CancellationToken cancel)
    {
        // One that fails is asked less and less often.
        bool isGood = fault is null or FeedFaults.LeftOut;
        int failures = isGood ? 0 : feed.Failures + 1;
        TimeSpan pause = Pause * Math.Pow(2, Math.Min(Math.Max(failures - 1, 0), 6));
        DateTimeOffset next = now + (pause < s_longestPause ? pause : s_longestPause);
        return database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                $"UPDATE calendar_feed SET fault = {fault}, fault_line = {line}, failures = {failures}, etag = {entity}, modified = {modified}, next_at = {next}, polled_at = {now}, good_at = {(isGood ? now : feed.GoodAt)} WHERE feed = {Bytes(feed.Id)}",
                cancel),
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel);
    }

    /// <summary>Makes a hub the one that does something which only one is to do, or keeps it so.</summary>
    /// <param name="name">What.</param>
    /// <param name="holder">The hub: random bytes that no other has.</param>
    /// <param name="now">The present.</param>
    /// <param name="life">For how long, unless it asks again.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether it is the one.</returns>
    public Task<bool> LeaseAsync(string name, byte[] holder, DateTimeOffset now, TimeSpan life, CancellationToken cancel) => database.WriteAsync(
        async transaction => await transaction.ExecuteAsync(
            $"INSERT INTO hub_lease (name, holder, until) VALUES ({name}, {holder}, {now + life}) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE hub_lease.holder = excluded.holder OR hub_lease.until <= {now}",
            cancel) > 0,
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    private static Feed Read(Row row) => new(
        new Guid(row.Bytes(0), bigEndian: true),
        OrganisationId.Of(row.Bytes(1)),
        row.Text(2),
        row.Text(3),
        (MeetingClass)row.Int(4),
        row.BytesOrNull(5) is { } room ? new Guid(room, bigEndian: true) : null,
        row.TextOrNull(6),
        row.TextOrNull(7),
        row.TimeOrNull(8),
        row.TimeOrNull(9),
        row.TextOrNull(10),
        (int?)row.LongOrNull(11),
        row.Int(12));
}
