using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>Which node has which meeting, for all hubs of a database: a place is kept as long as it is renewed.</summary>
internal sealed class NodePlaces(Database database, TimeProvider clock)
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(30);

    /// <summary>The node that has a meeting; <paramref name="candidate"/>, if none has.</summary>
    public Task<string> TakeAsync(ConferenceId conference, string candidate, CancellationToken cancel) => ChangeAsync(conference, candidate, before: null, cancel);

    /// <summary>Gives a meeting from a node that is lost to another, unless somebody did so before.</summary>
    /// <returns>The node that has it now.</returns>
    public Task<string> MoveAsync(ConferenceId conference, string before, string candidate, CancellationToken cancel) => ChangeAsync(conference, candidate, before, cancel);

    /// <summary>Keeps a meeting's place.</summary>
    /// <returns><see langword="false"/> when another node has the meeting, or none.</returns>
    public async Task<bool> RenewAsync(ConferenceId conference, string node, CancellationToken cancel)
    {
        DateTimeOffset now = clock.GetUtcNow();
        // What is lost with the machine is lost with the meeting's media anyway.
        return await database.WriteAsync(
            transaction => transaction.ExecuteAsync($"UPDATE node_place SET expires_at = {now + s_life} WHERE conference = {Bytes(conference)} AND node = {node}", cancel),
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel) == 1;
    }

    private Task<string> ChangeAsync(ConferenceId conference, string candidate, string? before, CancellationToken cancel)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return database.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync($"DELETE FROM node_place WHERE expires_at < {now}", cancel);
                return (await transaction.FirstAsync(
                    $"""
                    INSERT INTO node_place (conference, node, expires_at) VALUES ({Bytes(conference)}, {candidate}, {now + s_life})
                    ON CONFLICT (conference) DO UPDATE SET expires_at = excluded.expires_at, node = CASE WHEN node_place.node = {before ?? ""} THEN excluded.node ELSE node_place.node END
                    RETURNING node
                    """,
                    row => row.Text(0),
                    cancel))!;
            },
            Isolation.ReadCommitted,
            Durability.ProcessLoss,
            cancel);
    }

    private static byte[] Bytes(ConferenceId conference) => conference.Value.ToByteArray(bigEndian: true);
}
