using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.People;

/// <summary>A line of the audit log as it is shown: with the names that ids have now.</summary>
/// <param name="Id">Its place.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Actor">Who: an id, or the console.</param>
/// <param name="ActorName">Who, while there is such a person or device.</param>
/// <param name="Subject">To whom or what; <see langword="null"/> when to nobody, or to one that is gone.</param>
internal sealed record AuditLine(Guid Id, DateTimeOffset At, string Kind, string Actor, string? ActorName, string? Subject);

/// <summary>The audit log, page by page.</summary>
internal sealed class AuditLog(Database database)
{
    /// <summary>The latest lines, or those before one.</summary>
    public Task<List<AuditLine>> ReadAsync(OrganisationId organisation, Guid? before, int most, CancellationToken cancel = default) => database.ReadAsync(
        async transaction =>
        {
            byte[]? place = before?.ToByteArray(bigEndian: true);
            DateTimeOffset? at = place is null ? null : await transaction.FirstAsync($"SELECT at FROM access_event WHERE id = {place} AND organisation = {organisation.ToBytes()}", row => (DateTimeOffset?)row.Time(0), cancel);
            if (place is not null && at is null)
                return [];

            List<Line> lines = await transaction.AllAsync(
                $"SELECT e.id, e.at, e.kind, e.actor, p.name, d.name, d.serial FROM access_event e LEFT JOIN person p ON p.person = e.person AND p.organisation = e.organisation LEFT JOIN machine_account d ON d.device = e.device AND d.organisation = e.organisation WHERE e.organisation = {organisation.ToBytes()} AND (e.at, e.id) < ({at ?? DateTimeOffset.MaxValue}, {place ?? []}) ORDER BY e.at DESC, e.id DESC LIMIT {most}",
                row => new Line(new Guid(row.Bytes(0), bigEndian: true), row.Time(1), row.Text(2), row.Text(3), row.TextOrNull(4) ?? NameOf(row.TextOrNull(5), row.TextOrNull(6))),
                cancel);

            var names = new Dictionary<string, string?>();
            foreach (string actor in lines.Select(line => line.Actor).Distinct())
                names[actor] = await NameOfAsync(transaction, organisation, actor, cancel);
            return lines.ConvertAll(line => new AuditLine(line.Id, line.At, line.Kind, line.Actor, names[line.Actor], line.Subject));
        },
        cancel);

    private static async Task<string?> NameOfAsync(Transaction transaction, OrganisationId organisation, string actor, CancellationToken cancel)
    {
        if (!Guid.TryParseExact(actor, "D", out Guid id))
            return null;

        byte[] bytes = id.ToByteArray(bigEndian: true);
        return await transaction.FirstAsync($"SELECT name FROM person WHERE person = {bytes} AND organisation = {organisation.ToBytes()}", row => row.Text(0), cancel)
            ?? await transaction.FirstAsync($"SELECT name, serial FROM machine_account WHERE device = {bytes} AND organisation = {organisation.ToBytes()}", row => NameOf(row.Text(0), row.Text(1)), cancel);
    }

    private static string? NameOf(string? name, string? serial) => name is { Length: > 0 } ? name : serial is { Length: > 0 } ? $"device {serial}" : null;

    private sealed record Line(Guid Id, DateTimeOffset At, string Kind, string Actor, string? Subject);
}
