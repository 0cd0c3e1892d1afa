using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Devices;

/// <summary>The update policies of organisations.</summary>
internal sealed class UpdatePolicyStore(Database database)
{
    /// <summary>The policy of an organisation.</summary>
    public async Task<UpdatePolicy> FindAsync(OrganisationId organisation, CancellationToken cancel = default) =>
        await database.ReadAsync(
            transaction => transaction.FirstAsync(
                $"SELECT cadence, days, from_minute, until_minute FROM update_policy WHERE organisation = {organisation.ToBytes()}",
                row => new UpdatePolicy((UpdateCadence)row.Long(0), (byte)row.Long(1), TimeAt(row.Long(2)), TimeAt(row.Long(3))),
                cancel),
            cancel) ?? UpdatePolicy.Default;

    /// <summary>Decides it.</summary>
    /// <exception cref="ArgumentException">It is not a reasonable one.</exception>
    public Task SetAsync(OrganisationId organisation, UpdatePolicy policy, string actor, DateTimeOffset now, CancellationToken cancel = default)
    {
        if (!policy.IsReasonable)
            throw new ArgumentException("The policy is not a reasonable one.", nameof(policy));

        (long cadence, long days, long from, long until) = ((long)policy.Cadence, policy.Days, MinuteOf(policy.From), MinuteOf(policy.Until));
        return database.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"INSERT INTO update_policy (organisation, cadence, days, from_minute, until_minute) VALUES ({organisation.ToBytes()}, {cadence}, {days}, {from}, {until}) ON CONFLICT (organisation) DO UPDATE SET cadence = excluded.cadence, days = excluded.days, from_minute = excluded.from_minute, until_minute = excluded.until_minute",
                    cancel);
                await AccountStore.NoteAsync(transaction, AccessEvents.UpdatePolicyChanged, organisation, null, actor, now, cancel);
            },
            cancel: cancel);
    }

    private static TimeOnly TimeAt(long minute) => new((int)minute / 60, (int)minute % 60);

    private static long MinuteOf(TimeOnly time) => time.Ticks / TimeSpan.TicksPerMinute;
}
