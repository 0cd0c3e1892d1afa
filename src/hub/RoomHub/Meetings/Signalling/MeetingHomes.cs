using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>The hub that has the desk of a meeting.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="Address">Where other hubs reach it.</param>
/// <param name="IsHere">Whether it is this one.</param>
internal sealed record MeetingHome(ByteString Hub, string Address, bool IsHere);

/// <summary>
/// Which hub has the desk of which meeting: a row in the database, gone when its hub ends or is buried. It saves work and keeps clients together; that two desks
/// for one meeting harm nobody is the fence's doing, so that a home may be taken over as soon as its hub does not answer.
/// </summary>
internal sealed class MeetingHomes(Database database, HubName hub)
{
    // A process with a file of its own has every home.
    private readonly bool _isAlone = database.Dialect == Dialect.Sqlite;
    private readonly MeetingHome _here = new(hub.Value, "", true);

    /// <summary>The home of a meeting: this hub, when it had none.</summary>
    /// <returns><see langword="null"/> when this hub is not known at the moment, and cannot have any.</returns>
    public async Task<MeetingHome?> FindAsync(MeetingInstance instance, CancellationToken cancel)
    {
        if (_isAlone)
            return _here;

        (ByteString meeting, ByteString occurrence) = instance;
        return await database.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO meeting_home (meeting_id, instance, hub) SELECT {meeting}, {occurrence}, hub FROM hub WHERE hub = {hub.Value}
                    ON CONFLICT (meeting_id, instance) DO NOTHING
                    """,
                    cancel);
                return await transaction.FirstAsync(
                    $"SELECT hub, address FROM meeting_home JOIN hub USING (hub) WHERE meeting_id = {meeting} AND instance = {occurrence}",
                    Read,
                    cancel);
            },
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel);
    }

    /// <summary>Takes a meeting over from a hub that does not answer, unless it has another home by now.</summary>
    public Task TakeOverAsync(MeetingInstance instance, MeetingHome from, CancellationToken cancel) => database.WriteAsync(
        transaction => transaction.ExecuteAsync(
            $"""
            UPDATE meeting_home SET hub = {hub.Value}
            WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance} AND hub = {from.Hub} AND EXISTS (SELECT 1 FROM hub WHERE hub = {hub.Value})
            """,
            cancel),
        Isolation.ReadCommitted,
        Durability.ProcessLoss,
        cancel);

    /// <summary>Whether this hub is the home of a meeting.</summary>
    public async Task<bool> IsHereAsync(MeetingInstance instance, CancellationToken cancel) => _isAlone || await database.ReadAsync(
        async transaction => await transaction.FirstAsync(
            $"SELECT 1 FROM meeting_home WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance} AND hub = {hub.Value}",
            row => row.Long(0),
            cancel) == 1,
        cancel);

    /// <summary>The meetings whose home this hub is; <see langword="null"/> for all that it serves.</summary>
    public async Task<IReadOnlySet<MeetingInstance>?> ListAsync(CancellationToken cancel) => _isAlone ? null : (await database.ReadAsync(
        transaction => transaction.AllAsync($"SELECT meeting_id, instance FROM meeting_home WHERE hub = {hub.Value}", row => new MeetingInstance(row.ByteString(0), row.ByteString(1)), cancel),
        cancel)).ToHashSet();

    /// <summary>The home of a meeting that is served somewhere.</summary>
    public async Task<MeetingHome?> SeekAsync(MeetingInstance instance, CancellationToken cancel) => _isAlone ? _here : await database.ReadAsync(
        transaction => transaction.FirstAsync(
            $"SELECT hub, address FROM meeting_home JOIN hub USING (hub) WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance}",
            Read,
            cancel),
        cancel);

    /// <summary>Where a hub is reached.</summary>
    public Task<string?> AddressOfAsync(ByteString other, CancellationToken cancel) =>
        database.ReadAsync(transaction => transaction.FirstAsync($"SELECT address FROM hub WHERE hub = {other}", row => row.Text(0), cancel), cancel);

    /// <summary>The other hubs that are homes of meetings.</summary>
    public async Task<IReadOnlyList<MeetingHome>> OthersAsync(CancellationToken cancel) => _isAlone ? [] : await database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT hub, address FROM hub WHERE hub <> {hub.Value} AND EXISTS (SELECT 1 FROM meeting_home WHERE meeting_home.hub = hub.hub) ORDER BY hub LIMIT 1000",
            Read,
            cancel),
        cancel);

    /// <summary>A desk is closed, and the meeting needs no home.</summary>
    public async Task FreeAsync(MeetingInstance instance, CancellationToken cancel)
    {
        if (_isAlone)
            return;

        await database.WriteAsync(
            transaction => transaction.ExecuteAsync($"DELETE FROM meeting_home WHERE meeting_id = {instance.MeetingId} AND instance = {instance.Instance} AND hub = {hub.Value}", cancel),
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel);
    }

    /// <summary>Forgets processes that had this file before.</summary>
    public async Task BuryPredecessorsAsync(CancellationToken cancel)
    {
        if (_isAlone)
            await database.WriteAsync(transaction => transaction.ExecuteAsync($"DELETE FROM hub WHERE hub <> {hub.Value}", cancel), Isolation.ReadCommitted, Durability.ProcessLoss, cancel);
    }

    private MeetingHome Read(Row row)
    {
        ByteString name = row.ByteString(0);
        return new MeetingHome(name, row.Text(1), name == hub.Value);
    }
}
