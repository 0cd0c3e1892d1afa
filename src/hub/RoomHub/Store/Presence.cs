using System.Collections.Concurrent;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store;

/// <summary>A connection that a hub holds.</summary>
/// <param name="Id">Its name: random bytes that the hub gave it.</param>
/// <param name="Hub">The hub that holds it.</param>
/// <param name="Address">Where the other hubs reach that hub.</param>
/// <param name="Subject">Who is connected: a device or a person, by the name that the caller chose.</param>
/// <param name="Since">When it was opened, by that hub's clock.</param>
public sealed record HubConnection(ByteString Id, ByteString Hub, string Address, string Subject, DateTimeOffset Since);

/// <summary>Which hubs live, and which of them has whom. Hubs beat; one whose beat stands still is taken for dead, with all its connections.</summary>
/// <remarks>
/// <para>Life is a number that its hub counts up. Whoever watches measures with its own monotonic clock how long the number has stood still, so that
/// hubs whose clocks differ do not bury each other. Of several who find the same hub dead, one buries it and is told what was lost.</para>
/// <para>One object for each hub process. Not for several callers at once, except <see cref="FindAsync"/> and <see cref="SilenceOf"/>.</para>
/// </remarks>
public sealed class Presence
{
    /// <summary>How often a hub is to call <see cref="BeatAsync"/> and <see cref="BuryAsync"/>.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A hub whose number stood still for so long is dead: three beats, and one for the watcher.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    private readonly Database _database;
    private readonly ByteString _hub;
    private readonly string _address;
    private readonly ConcurrentDictionary<ByteString, Seen> _others = [];
    private Instant _lookedAt;

    /// <summary>The presence of one hub, which is not known yet.</summary>
    /// <param name="database">The database of all hubs.</param>
    /// <param name="hub">A name that no process had before: 16 random bytes.</param>
    /// <param name="address">Where the other hubs reach this one.</param>
    public Presence(Database database, ByteString hub, string address)
    {
        _database = database;
        _hub = hub;
        _address = address;
    }

    private readonly record struct Seen(long Beat, Instant At);

    /// <summary>Says that this hub lives.</summary>
    /// <returns><see langword="false"/> when it was not known: at its start, and when it was silent for so long that another has buried it. Its connections must then be told anew.</returns>
    public Task<bool> BeatAsync(CancellationToken cancel = default)
    {
        // Not from 1 again, which a watcher may have seen standing still.
        long first = Random.Shared.NextInt64(1L << 62);
        return _database.WriteAsync(
            async transaction => await transaction.FirstAsync(
                $"""
                INSERT INTO hub (hub, address, beat) VALUES ({_hub}, {_address}, {first})
                ON CONFLICT (hub) DO UPDATE SET beat = hub.beat + 1, address = excluded.address RETURNING beat
                """,
                row => row.Long(0),
                cancel).ConfigureAwait(false) != first,
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel);
    }

    /// <summary>This hub has a connection now.</summary>
    /// <returns><see langword="false"/> when the hub is not known and must call <see cref="BeatAsync"/> first.</returns>
    public Task<bool> OpenedAsync(ByteString connection, string subject, DateTimeOffset now, CancellationToken cancel = default) => _database.WriteAsync(
        async transaction => await transaction.ExecuteAsync(
            $"""
            INSERT INTO hub_connection (connection, hub, subject, since) SELECT {connection}, hub, {subject}, {now} FROM hub WHERE hub = {_hub}
            ON CONFLICT (connection) DO UPDATE SET subject = excluded.subject
            """,
            cancel).ConfigureAwait(false) == 1,
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    /// <summary>A connection of this hub is gone. One that is not known is not missed.</summary>
    public Task ClosedAsync(ByteString connection, CancellationToken cancel = default) => _database.WriteAsync(
        transaction => transaction.ExecuteAsync($"DELETE FROM hub_connection WHERE connection = {connection} AND hub = {_hub}", cancel),
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    /// <summary>This hub ends, in order: all its connections are gone.</summary>
    public Task EndAsync(CancellationToken cancel = default) => _database.WriteAsync(
        transaction => transaction.ExecuteAsync($"DELETE FROM hub WHERE hub = {_hub}", cancel),
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    /// <summary>The connections of a device or person, the newest first.</summary>
    public Task<List<HubConnection>> FindAsync(string subject, CancellationToken cancel = default) => _database.ReadAsync(
        transaction => transaction.AllAsync(
            $"""
            SELECT connection, hub, address, subject, since FROM hub_connection JOIN hub USING (hub)
            WHERE subject = {subject} ORDER BY since DESC, connection LIMIT 100
            """,
            ReadConnection,
            cancel),
        cancel);

    /// <summary>Which of some devices or people have a connection.</summary>
    internal Task<HashSet<string>> OnlineAsync(IReadOnlyList<string> subjects, CancellationToken cancel) => _database.ReadAsync(
        async transaction =>
        {
            var online = new HashSet<string>(StringComparer.Ordinal);
            foreach (string subject in subjects)
            {
                if (await transaction.FirstAsync($"SELECT 1 FROM hub_connection WHERE subject = {subject} LIMIT 1", row => row.Long(0), cancel).ConfigureAwait(false) == 1)
                    online.Add(subject);
            }

            return online;
        },
        cancel);

    /// <summary>Looks at the beats of the others and buries those that are dead.</summary>
    /// <param name="now">The monotonic clock of this process.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The connections that died with them. No other hub is told of these.</returns>
    public async Task<IReadOnlyList<HubConnection>> BuryAsync(Instant now, CancellationToken cancel = default)
    {
        List<(ByteString Hub, long Beat)> hubs = await _database.ReadAsync(
            transaction => transaction.AllAsync($"SELECT hub, beat FROM hub WHERE hub <> {_hub}", row => (row.ByteString(0), row.Long(1)), cancel),
            cancel).ConfigureAwait(false);

        foreach (ByteString gone in _others.Keys.Except(hubs.Select(hub => hub.Hub)).ToArray())
            _others.TryRemove(gone, out _);

        _lookedAt = now;
        var lost = new List<HubConnection>();
        foreach ((ByteString hub, long beat) in hubs)
        {
            if (!_others.TryGetValue(hub, out Seen seen) || seen.Beat != beat)
                _others[hub] = new Seen(beat, now);
            else if (now - seen.At >= Lease)
                lost.AddRange(await BuryOneAsync(hub, beat, cancel).ConfigureAwait(false));
        }

        return lost;
    }

    /// <summary>How long the beat of another hub had stood still when <see cref="BuryAsync"/> looked last. None for a hub that it has not seen. For any caller.</summary>
    internal TimeSpan SilenceOf(ByteString hub) => _others.TryGetValue(hub, out Seen seen) && _lookedAt - seen.At is { Ticks: > 0 } silence ? silence : TimeSpan.Zero;

    // If it beats in this moment, or another buries it, there is no such row any more when ours is reached.
    private Task<List<HubConnection>> BuryOneAsync(ByteString hub, long beat, CancellationToken cancel) => _database.WriteAsync(
        async transaction =>
        {
            List<HubConnection> lost = await transaction.AllAsync(
                $"SELECT connection, hub, address, subject, since FROM hub_connection JOIN hub USING (hub) WHERE hub = {hub} ORDER BY since, connection",
                ReadConnection,
                cancel).ConfigureAwait(false);
            int buried = await transaction.ExecuteAsync($"DELETE FROM hub WHERE hub = {hub} AND beat = {beat}", cancel).ConfigureAwait(false);
            return buried == 1 ? lost : [];
        },
        Isolation.Serializable,
        Durability.ProcessLoss,
        cancel);

    private static HubConnection ReadConnection(Row row) => new(row.ByteString(0), row.ByteString(1), row.Text(2), row.Text(3), row.Time(4));
}
