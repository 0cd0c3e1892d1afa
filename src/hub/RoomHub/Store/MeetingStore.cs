using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store;

/// <summary>The logs of meetings in the database: what is told as appended is on the storage, and of all who want to begin an epoch one wins.</summary>
/// <remarks>
/// <para>The fence is one UPDATE that finds the meeting at the entry before, and below it a unique key over (meeting, generation, epoch): two hubs may
/// try at the same time, and the second waits for the first and then finds nothing to update.</para>
/// <para>Waiting for the storage is shared: what arrives meanwhile goes into the next transaction together (see <see cref="AppendQueue"/>).</para>
/// </remarks>
public sealed class MeetingStore : IMeetingStore, IAsyncDisposable
{
    /// <summary>The longest body of an entry or a snapshot, in bytes.</summary>
    public const int MostBytes = 4 << 20;

    private readonly Database _database;
    private readonly LogFeed _feed;
    private readonly AppendQueue _appends;
    private readonly LogReplication? _replication;
    private volatile bool _isDisposed;

    private MeetingStore(Database database)
    {
        _database = database;
        _feed = new LogFeed(this);
        _appends = new AppendQueue(database, _feed.Deliver);
        if (database is PostgreSqlDatabase shared)
            _replication = LogReplication.Start(shared, _feed);
    }

    /// <summary>What every hub appends, as it comes.</summary>
    public ILogFeed Feed => _feed;

    /// <summary>
    /// Whether <see cref="Feed"/> is told at once what other hubs append. While it is not, it finds out by reading, up to some seconds late: a reason to be not ready,
    /// none to stop. It stays so when the server lacks <c>wal_level = logical</c>, or the database's user the right REPLICATION.
    /// </summary>
    public bool IsListening => _replication?.IsListening ?? true;

    /// <summary>Starts to work on a database that has been migrated. On PostgreSQL also starts to listen to the other hubs.</summary>
    /// <param name="database">The database; whoever made it disposes it, after this.</param>
    public static MeetingStore Start(Database database) => new(database);

    /// <inheritdoc/>
    public Task<StoredMeeting> OpenAsync(MeetingInstance instance, CancellationToken cancellation) => _database.ReadAsync(
        async transaction =>
        {
            (ByteString meeting, ByteString occurrence) = instance;
            long floor = await transaction.FirstAsync($"SELECT floor FROM meeting WHERE meeting_id = {meeting} AND instance = {occurrence}", row => row.Long(0), cancellation).ConfigureAwait(false);
            MeetingSnapshot? snapshot = await transaction.FirstAsync(
                $"SELECT seq, body FROM meeting_snapshot WHERE meeting_id = {meeting} AND instance = {occurrence}",
                row => new MeetingSnapshot((ulong)row.Long(0), row.ByteString(1)),
                cancellation).ConfigureAwait(false);
            List<LogEntry> entries = await EntriesAsync(transaction, instance, snapshot?.Seq ?? 0, most: long.MaxValue, cancellation).ConfigureAwait(false);
            return new StoredMeeting((uint)floor, snapshot, entries);
        },
        cancellation);

    /// <inheritdoc/>
    /// <exception cref="StoreException">It may or may not have been appended.</exception>
    public Task<AppendOutcome> AppendAsync(MeetingInstance instance, LogEntry entry, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Check(instance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Body.Length, MostBytes, nameof(entry));
        ArgumentOutOfRangeException.ThrowIfZero(entry.Seq, nameof(entry));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Seq, (ulong)long.MaxValue, nameof(entry));
        return _appends.AppendAsync(instance, entry, cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LogEntry>> ReadAsync(MeetingInstance instance, ulong after, int most, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (after > long.MaxValue)
            return [];
        return await _database.ReadAsync(transaction => EntriesAsync(transaction, instance, after, most, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<uint> RaiseFloorAsync(MeetingInstance instance, uint generation, CancellationToken cancellation)
    {
        Check(instance);
        return _database.WriteAsync(
            async transaction => (uint)await transaction.FirstAsync(
                $"""
                INSERT INTO meeting (meeting_id, instance, last_seq, last_generation, floor) VALUES ({instance.MeetingId}, {instance.Instance}, 0, 0, {generation})
                ON CONFLICT (meeting_id, instance) DO UPDATE SET floor = CASE WHEN excluded.floor > meeting.floor THEN excluded.floor ELSE meeting.floor END
                RETURNING floor
                """,
                row => row.Long(0),
                cancellation).ConfigureAwait(false),
            Isolation.ReadCommitted,
            cancel: cancellation);
    }

    /// <inheritdoc/>
    public Task SaveSnapshotAsync(MeetingInstance instance, MeetingSnapshot snapshot, CancellationToken cancellation)
    {
        Check(instance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(snapshot.Body.Length, MostBytes, nameof(snapshot));
        if (snapshot.Seq > long.MaxValue)
            return Task.CompletedTask;

        (ByteString meeting, ByteString occurrence) = instance;
        long seq = (long)snapshot.Seq;
        // Losing it costs only time, so nobody waits for the storage.
        return _database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                $"""
                INSERT INTO meeting_snapshot (meeting_id, instance, seq, body)
                SELECT meeting_id, instance, seq, {snapshot.Body} FROM meeting_entry WHERE meeting_id = {meeting} AND instance = {occurrence} AND seq = {seq}
                ON CONFLICT (meeting_id, instance) DO UPDATE SET seq = excluded.seq, body = excluded.body WHERE excluded.seq > meeting_snapshot.seq
                """,
                cancellation),
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancellation);
    }

    /// <summary>The meeting is over: its log and snapshot are deleted, and nothing is appended to it ever again. Repeating it changes nothing.</summary>
    /// <param name="instance">The occurrence.</param>
    /// <param name="now">From when <see cref="ForgetAsync"/> counts.</param>
    /// <param name="cancellation">Gives the call up, not necessarily its effect.</param>
    public Task EndAsync(MeetingInstance instance, DateTimeOffset now, CancellationToken cancellation)
    {
        Check(instance);
        (ByteString meeting, ByteString occurrence) = instance;
        return _database.WriteAsync(
            async transaction =>
            {
                // First the row that every append must change: one that is under way is waited for, and none comes after.
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO meeting (meeting_id, instance, last_seq, last_generation, floor, over_at) VALUES ({meeting}, {occurrence}, 0, 0, {uint.MaxValue}, {now})
                    ON CONFLICT (meeting_id, instance) DO UPDATE SET floor = excluded.floor, over_at = COALESCE(meeting.over_at, excluded.over_at)
                    """,
                    cancellation).ConfigureAwait(false);
                await transaction.ExecuteAsync($"DELETE FROM meeting_entry WHERE meeting_id = {meeting} AND instance = {occurrence}", cancellation).ConfigureAwait(false);
                await transaction.ExecuteAsync($"DELETE FROM meeting_snapshot WHERE meeting_id = {meeting} AND instance = {occurrence}", cancellation).ConfigureAwait(false);
            },
            Isolation.ReadCommitted,
            cancel: cancellation);
    }

    /// <summary>Forgets that meetings ever were which were over before <paramref name="overBefore"/>: no device may ask for them any more.</summary>
    /// <returns>How many.</returns>
    public Task<int> ForgetAsync(DateTimeOffset overBefore, CancellationToken cancellation) => _database.WriteAsync(
        transaction => transaction.ExecuteAsync($"DELETE FROM meeting WHERE over_at < {overBefore}", cancellation),
        Isolation.ReadCommitted,
        cancel: cancellation);

    /// <summary>Takes no more, does what it has taken, and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _appends.DisposeAsync().ConfigureAwait(false);
        if (_replication is not null)
            await _replication.DisposeAsync().ConfigureAwait(false);
    }

    private static Task<List<LogEntry>> EntriesAsync(Transaction transaction, MeetingInstance instance, ulong after, long most, CancellationToken cancellation) =>
        transaction.AllAsync(
            $"""
            SELECT seq, generation, epoch, body FROM meeting_entry
            WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance} AND seq > {(long)after} ORDER BY seq LIMIT {most}
            """,
            // An epoch has 64 bits; the column has the same bits with a sign, and is only ever compared for being equal.
            row => new LogEntry((ulong)row.Long(0), (uint)row.Long(1), unchecked((ulong)row.Long(2)), row.ByteString(3)),
            cancellation);

    private static void Check(MeetingInstance instance)
    {
        if (instance.MeetingId.Length is < 1 or > 255 || instance.Instance.Length != 16)
            throw new ArgumentException("A meeting's id has 1 to 255 bytes, an instance 16.", nameof(instance));
    }
}
