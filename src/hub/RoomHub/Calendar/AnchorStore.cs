using System.Security.Cryptography;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Calendar;

/// <summary>An authority from outside whose certificates an organisation takes in its meetings.</summary>
internal sealed record Anchor(Guid Id, string Label, ByteString KeyHash, DateTimeOffset AddedAt);

/// <summary>The authorities from outside that organisations rely on.</summary>
internal sealed class AnchorStore(Database database)
{
    /// <summary>The most of an organisation; the hub's own one is beside them in a policy.</summary>
    public const int MostAnchors = Limits.Anchors - 1;

    /// <summary>The largest PEM text that is read, in bytes.</summary>
    public const int MaxPem = 8 * 1024;

    /// <summary>Reads one certificate in PEM, which must be one that may stand above others.</summary>
    public static TrustAnchor? Read(string pem, string label)
    {
        if (pem.Length > MaxPem || !PemEncoding.TryFind(pem, out PemFields found) || pem[found.Label] != "CERTIFICATE")
            return null;

        // Nothing but white space beside it: of a bundle nobody knows which one is meant.
        if (!pem.AsSpan(0, found.Location.Start.Value).IsWhiteSpace() || !pem.AsSpan(found.Location.End.Value).IsWhiteSpace())
            return null;

        byte[] certificate = new byte[found.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem.AsSpan()[found.Base64Data], certificate, out int length) && TrustAnchor.Read(certificate.AsSpan(0, length), label, AnchorOrigin.Service, out TrustAnchor? anchor) is null
            ? anchor
            : null;
    }

    /// <summary>Those of an organisation.</summary>
    public Task<List<Anchor>> ListAsync(OrganisationId organisation, CancellationToken cancel) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT anchor, label, key_hash, added_at FROM organisation_anchor WHERE organisation = {organisation.ToBytes()} ORDER BY added_at, anchor LIMIT {MostAnchors}",
            row => new Anchor(new Guid(row.Bytes(0), bigEndian: true), row.Text(1), row.ByteString(2), row.Time(3)),
            cancel),
        cancel);

    /// <summary>Adds one. One with the same key is there once.</summary>
    /// <returns><see langword="null"/> when there are too many.</returns>
    public Task<Anchor?> AddAsync(OrganisationId organisation, TrustAnchor anchor, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            Anchor? there = await transaction.FirstAsync(
                $"SELECT anchor, label, key_hash, added_at FROM organisation_anchor WHERE organisation = {organisation.ToBytes()} AND key_hash = {anchor.KeyHash}",
                row => new Anchor(new Guid(row.Bytes(0), bigEndian: true), row.Text(1), row.ByteString(2), row.Time(3)),
                cancel);
            if (there is not null)
                return there;
            if (await transaction.FirstAsync($"SELECT COUNT(*) FROM organisation_anchor WHERE organisation = {organisation.ToBytes()}", row => row.Long(0), cancel) >= MostAnchors)
                return null;

            var added = new Anchor(Guid.NewGuid(), anchor.Label, anchor.KeyHash, now);
            byte[] id = added.Id.ToByteArray(bigEndian: true);
            await transaction.ExecuteAsync(
                $"INSERT INTO organisation_anchor (anchor, organisation, label, certificate, key_hash, added_at) VALUES ({id}, {organisation.ToBytes()}, {added.Label}, {anchor.Certificate}, {anchor.KeyHash}, {now})",
                cancel);
            await NoteAsync(transaction, CalendarEvents.AnchorAdded, organisation, id, actor, now, cancel);
            return added;
        },
        cancel: cancel);

    /// <summary>Removes one. Meetings that go on keep their policies.</summary>
    public Task<bool> RemoveAsync(OrganisationId organisation, Guid anchor, string actor, DateTimeOffset now, CancellationToken cancel) => database.WriteAsync(
        async transaction =>
        {
            byte[] id = anchor.ToByteArray(bigEndian: true);
            bool removed = await transaction.ExecuteAsync($"DELETE FROM organisation_anchor WHERE organisation = {organisation.ToBytes()} AND anchor = {id}", cancel) > 0;
            if (removed)
                await NoteAsync(transaction, CalendarEvents.AnchorRemoved, organisation, id, actor, now, cancel);
            return removed;
        },
        cancel: cancel);

    // The policies of all meetings are others now, so every device of the organisation reads its calendar again.
    private static async Task NoteAsync(Transaction transaction, string kind, OrganisationId organisation, byte[] id, string actor, DateTimeOffset now, CancellationToken cancel)
    {
        await AccountStore.NoteAsync(transaction, kind, organisation, null, actor, now, cancel, id);
        await CalendarChanges.AnnounceAsync(transaction, (await RoomStore.AllAsync(transaction, organisation, cancel)).Select(room => room.Device), cancel);
    }
}
