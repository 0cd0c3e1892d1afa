using System.Security.Cryptography;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>A link by which guests come to a meeting, as it is listed: never with its secret.</summary>
internal sealed record GuestLink(Guid Id, OrganisationId Organisation, Guid Meeting, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt);

/// <summary>Links for guests. The secret in one is shown once and kept as a hash with a key that is not in the database.</summary>
internal sealed class GuestLinks(Database database, Accounts accounts)
{
    /// <summary>Announced with the id of a link that was taken back.</summary>
    public const string RevokedTopic = "guest-link-revoked";

    /// <summary>What connections are told that end with their link, or with the token that it gave.</summary>
    public const string EndReason = "guest-access-over";

    /// <summary>The most of a meeting.</summary>
    public const int MostLinks = 50;

    /// <summary>How long one lives at the most, in hours: a year and a day.</summary>
    public const int MostHours = 366 * 24;

    /// <summary>How long one lives unless something else is said.</summary>
    public static readonly TimeSpan UsualLife = TimeSpan.FromDays(30);

    private const int SecretSize = 16;

    /// <summary>Makes a link.</summary>
    /// <returns>The link and its secret: <see langword="null"/> when there is no such meeting in the organisation; without a secret when it has too many links.</returns>
    public Task<(GuestLink Link, string? Secret)?> AddAsync(OrganisationId organisation, Guid meeting, TimeSpan life, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        string secret = Base64UrlText.Encode(RandomNumberGenerator.GetBytes(SecretSize));
        var link = new GuestLink(Guid.NewGuid(), organisation, meeting, actor, now, now + life);
        return database.WriteAsync<(GuestLink, string?)?>(
            async transaction =>
            {
                if (await PlanStore.FindAsync(transaction, organisation, meeting, cancel) is null)
                    return null;

                await transaction.ExecuteAsync($"DELETE FROM guest_link WHERE meeting = {Bytes(meeting)} AND expires_at <= {now}", cancel);
                if (await transaction.FirstAsync($"SELECT COUNT(*) FROM guest_link WHERE meeting = {Bytes(meeting)}", row => row.Long(0), cancel) >= MostLinks)
                    return (link, null);

                await transaction.ExecuteAsync(
                    $"INSERT INTO guest_link (link, hash, organisation, meeting, made_by, made_at, expires_at) VALUES ({Bytes(link.Id)}, {HashOf(secret)}, {organisation.ToBytes()}, {Bytes(meeting)}, {actor}, {now}, {link.ExpiresAt})",
                    cancel);
                await AccountStore.NoteAsync(transaction, CalendarEvents.GuestLinkMade, organisation, null, actor, now, cancel, Bytes(meeting));
                return (link, secret);
            },
            cancel: cancel);
    }

    /// <summary>Those of a meeting that have not expired: <see langword="null"/> when there is no such meeting in the organisation.</summary>
    public Task<List<GuestLink>?> ListAsync(OrganisationId organisation, Guid meeting, DateTimeOffset now, CancellationToken cancel) => database.ReadAsync<List<GuestLink>?>(
        async transaction => await PlanStore.FindAsync(transaction, organisation, meeting, cancel) is null
            ? null
            : await transaction.AllAsync(
                $"SELECT link, organisation, meeting, made_by, made_at, expires_at FROM guest_link WHERE meeting = {Bytes(meeting)} AND expires_at > {now} ORDER BY made_at, link LIMIT {MostLinks}",
                Read,
                cancel),
        cancel);

    /// <summary>Takes a link back. Who came by it is refused from then on.</summary>
    public Task<bool> RevokeAsync(OrganisationId organisation, Guid meeting, Guid link, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            bool removed = await transaction.ExecuteAsync($"DELETE FROM guest_link WHERE link = {Bytes(link)} AND meeting = {Bytes(meeting)} AND organisation = {organisation.ToBytes()}", cancel) > 0;
            if (removed)
            {
                await AccountStore.NoteAsync(transaction, CalendarEvents.GuestLinkRevoked, organisation, null, actor, now, cancel, Bytes(meeting));
                await transaction.AnnounceAsync(RevokedTopic, Bytes(link), cancel);
            }

            return removed;
        },
        cancel: cancel);

    /// <summary>The link of a secret, in a transaction: <see langword="null"/> for anything that is not one, or not any more.</summary>
    public Task<GuestLink?> FindAsync(Transaction transaction, string secret, DateTimeOffset now, CancellationToken cancel) =>
        Base64UrlText.Decode(secret) is { Length: SecretSize }
            ? transaction.FirstAsync($"SELECT link, organisation, meeting, made_by, made_at, expires_at FROM guest_link WHERE hash = {HashOf(secret)} AND expires_at > {now}", Read, cancel)
            : Task.FromResult<GuestLink?>(null);

    /// <summary>Whether a link is still good.</summary>
    public Task<bool> IsGoodAsync(Guid link, DateTimeOffset now, CancellationToken cancel) => database.ReadAsync(
        async transaction => await transaction.FirstAsync($"SELECT COUNT(*) FROM guest_link WHERE link = {Bytes(link)} AND expires_at > {now}", row => row.Long(0), cancel) > 0,
        cancel);

    private byte[] HashOf(string secret) => accounts.Codes.Of("guest link", secret);

    private static byte[] Bytes(Guid id) => id.ToByteArray(bigEndian: true);

    private static GuestLink Read(Row row) =>
        new(new Guid(row.Bytes(0), bigEndian: true), OrganisationId.Of(row.Bytes(1)), new Guid(row.Bytes(2), bigEndian: true), row.Text(3), row.Time(4), row.Time(5));
}
