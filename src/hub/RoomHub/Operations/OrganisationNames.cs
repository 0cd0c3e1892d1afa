using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Operations;

/// <summary>What organisations are called.</summary>
internal sealed class OrganisationNames(Database database)
{
    private const int Most = 1_000;

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<(OrganisationId Id, string Name)>> AllAsync(CancellationToken cancel) => await database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT organisation, name FROM organisation ORDER BY name LIMIT {Most}",
            row => (OrganisationId.Of(row.Bytes(0)), row.Text(1)),
            cancel),
        cancel);
}
