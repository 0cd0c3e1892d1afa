using RoomAgent.Enrolment;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Operations;

/// <summary>Where the hub went. Each move has a number above the one before, and is signed whenever somebody asks (<see cref="HubStatement.Move"/>).</summary>
internal sealed class HubMoves(Database database)
{
    /// <summary>The last move; <see langword="null"/> for a hub that has always been where it is.</summary>
    public Task<HubMove?> LastAsync(CancellationToken cancel = default) => database.ReadAsync(transaction => LastAsync(transaction, cancel), cancel);

    /// <summary>Notes that the hub is at <paramref name="address"/> from now on; nothing, when that was its last move anyway.</summary>
    /// <returns>The last move then.</returns>
    public Task<HubMove> MoveAsync(HubAddress address, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            HubMove? last = await LastAsync(transaction, cancel);
            if (last?.Address.Url == address.Url)
                return last;

            // Whole seconds, as they are signed.
            var next = new HubMove((last?.Number ?? 0) + 1, address, DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()));
            await transaction.ExecuteAsync($"INSERT INTO hub_move (number, address, since) VALUES ({(long)next.Number}, {address.Url}, {next.Since})", cancel);
            return next;
        },
        cancel: cancel);

    private static Task<HubMove?> LastAsync(Transaction transaction, CancellationToken cancel) => transaction.FirstAsync(
        $"SELECT number, address, since FROM hub_move ORDER BY number DESC LIMIT 1",
        row => HubAddress.Read(row.Text(1)) is { } address ? new HubMove((ulong)row.Long(0), address, row.Time(2)) : null,
        cancel);
}
