using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>What a device says of itself.</summary>
internal sealed record DeviceDescription(string Serial, string Model, string Software);

/// <summary>What became of a registration.</summary>
internal enum Registration
{
    /// <summary>There is a new account.</summary>
    New,

    /// <summary>The same right with the same key, within its time: the same account.</summary>
    Again,

    /// <summary>There is no such right, it has expired or another key has used it. One answer for all, so that nobody learns which.</summary>
    Refused,
}

/// <summary>An activation code as it is listed: never the code itself.</summary>
internal sealed record OpenCode(Guid Id, string DeviceName, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, DeviceId? Device);

/// <summary>The rights to register a device, and registering, in the database.</summary>
internal sealed class PairingStore(Database database)
{
    /// <summary>Codes that are open at the same time, on a whole hub: what guessing is reckoned with.</summary>
    public const int MostOpenCodes = 1_000;

    /// <summary>For how long the same right answers the same key.</summary>
    public static readonly TimeSpan RepeatFor = TimeSpan.FromHours(24);

    /// <summary>Adds an activation code.</summary>
    /// <returns>Whether there was room for it.</returns>
    public Task<bool> TryAddCodeAsync(byte[] hash, Guid id, OrganisationId organisation, string organisationName, string deviceName, string madeBy, DateTimeOffset now, DateTimeOffset expiresAt, CancellationToken cancel = default) =>
        database.WriteAsync(
            async transaction =>
            {
                long open = await transaction.FirstAsync($"SELECT COUNT(*) FROM pairing_right WHERE is_code = 1 AND used_at IS NULL AND expires_at > {now}", row => row.Long(0), cancel);
                if (open >= MostOpenCodes)
                    return false;

                await AddAsync(transaction, hash, id, organisation, organisationName, deviceName, madeBy, now, expiresAt, thumbprint: null, cancel);
                await AccountStore.NoteAsync(transaction, AccessEvents.CodeMade, organisation, null, madeBy, now, cancel);
                return true;
            },
            cancel: cancel);

    /// <summary>Adds the right that an administrator gave to one key, in the transaction in which it is given.</summary>
    public static Task AddAsync(Transaction transaction, byte[] hash, Guid id, OrganisationId organisation, string organisationName, string deviceName, string madeBy, DateTimeOffset now, DateTimeOffset expiresAt, ByteString? thumbprint, CancellationToken cancel) =>
        transaction.ExecuteAsync(
            $"INSERT INTO pairing_right (hash, id, organisation, organisation_name, device_name, made_by, made_at, expires_at, is_code, thumbprint) VALUES ({hash}, {id.ToByteArray(bigEndian: true)}, {organisation.ToBytes()}, {organisationName}, {deviceName}, {madeBy}, {now}, {expiresAt}, {thumbprint is null}, {thumbprint?.ToArray()})",
            cancel);

    /// <summary>The codes of an organisation, the latest first.</summary>
    public Task<List<OpenCode>> ListCodesAsync(OrganisationId organisation, CancellationToken cancel = default) => database.ReadAsync(
        transaction => transaction.AllAsync(
            $"SELECT id, device_name, made_by, made_at, expires_at, used_at, device FROM pairing_right WHERE organisation = {organisation.ToBytes()} AND is_code = 1 ORDER BY made_at DESC LIMIT {MostOpenCodes}",
            row => new OpenCode(new Guid(row.Bytes(0), bigEndian: true), row.Text(1), row.Text(2), row.Time(3), row.Time(4), row.TimeOrNull(5), row.BytesOrNull(6) is { } device ? DeviceId.Of(device) : null),
            cancel),
        cancel);

    /// <summary>Takes back a code that nobody has used.</summary>
    public Task<bool> RemoveCodeAsync(OrganisationId organisation, Guid id, string actor, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            int removed = await transaction.ExecuteAsync(
                $"DELETE FROM pairing_right WHERE organisation = {organisation.ToBytes()} AND id = {id.ToByteArray(bigEndian: true)} AND is_code = 1 AND used_at IS NULL",
                cancel);
            if (removed > 0)
                await AccountStore.NoteAsync(transaction, AccessEvents.CodeRemoved, organisation, null, actor, now, cancel);
            return removed > 0;
        },
        cancel: cancel);

    /// <summary>Registers a device by a right, all in one: the right is used, the account is there, earlier accounts of the same key are over.</summary>
    /// <param name="hash">The right.</param>
    /// <param name="key">The device's key, of which it has shown that it has it.</param>
    /// <param name="description">What it says of itself.</param>
    /// <param name="deviceDomain">Below which its DNS name is made.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The account, unless refused, and those that are over because of it.</returns>
    public Task<(Registration Outcome, MachineAccount? Account, List<MachineAccount> Replaced)> RegisterAsync(
        byte[] hash, DeviceKey key, DeviceDescription description, string deviceDomain, DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            Right? right = await transaction.FirstAsync(
                $"SELECT organisation, organisation_name, device_name, expires_at, thumbprint, used_at, device FROM pairing_right WHERE hash = {hash}",
                row => new Right(OrganisationId.Of(row.Bytes(0)), row.Text(1), row.Text(2), row.Time(3), row.BytesOrNull(4), row.TimeOrNull(5), row.BytesOrNull(6)),
                cancel);
            if (right is null || (right.Thumbprint is { } bound && !bound.AsSpan().SequenceEqual(key.Thumbprint)))
                return (Registration.Refused, null, []);

            Guid family = Guid.NewGuid();
            DateTimeOffset repeatUntil = (right.UsedAt ?? now) + RepeatFor;
            if (right.Device is { } known)
            {
                MachineAccount? there = await AccountStore.FindAsync(transaction, DeviceId.Of(known), cancel);
                if (there is not { IsActive: true } || now >= repeatUntil || !there.Key.Equals(key))
                    return (Registration.Refused, null, []);

                await transaction.ExecuteAsync(
                    $"UPDATE machine_account SET family = {family.ToByteArray(bigEndian: true)}, used = 0, oldest = 1, newest = 0, expires_at = {repeatUntil} WHERE device = {known}",
                    cancel);
                await AccountStore.NoteAsync(transaction, AccessEvents.PairedAgain, there.Organisation, there.Id, there.Id.ToString(), now, cancel);
                return (Registration.Again, there with { Family = family }, []);
            }

            if (now >= right.ExpiresAt)
                return (Registration.Refused, null, []);

            List<MachineAccount> before = await AccountStore.WithKeyAsync(transaction, key.Thumbprint, cancel);
            DeviceId device = DeviceId.New();
            string dnsName = $"room-{device.Value.ToString("N")[..12]}.{deviceDomain}";
            foreach (MachineAccount other in before)
                await AccountStore.EndAsync(transaction, other, AccessEvents.Replaced, device.ToString(), now, cancel);

            await transaction.ExecuteAsync(
                $"INSERT INTO machine_account (device, organisation, organisation_name, name, serial, model, software, dns_name, device_key, thumbprint, created_at, family, used, oldest, newest, expires_at) VALUES ({device.ToBytes()}, {right.Organisation.ToBytes()}, {right.OrganisationName}, {right.DeviceName}, {description.Serial}, {description.Model}, {description.Software}, {dnsName}, {key.ToBytes()}, {key.Thumbprint}, {now}, {family.ToByteArray(bigEndian: true)}, {0}, {1}, {0}, {repeatUntil})",
                cancel);
            await transaction.ExecuteAsync($"UPDATE pairing_right SET used_at = {now}, thumbprint = {key.Thumbprint}, device = {device.ToBytes()} WHERE hash = {hash}", cancel);
            await AccountStore.NoteAsync(transaction, AccessEvents.Paired, right.Organisation, device, device.ToString(), now, cancel);
            return (Registration.New, await AccountStore.FindAsync(transaction, device, cancel), before);
        },
        cancel: cancel);

    /// <summary>Forgets what can have no effect any more.</summary>
    public Task ForgetAsync(DateTimeOffset now, CancellationToken cancel = default) => database.WriteAsync(
        async transaction =>
        {
            DateTimeOffset longAgo = now - TimeSpan.FromDays(30);
            await transaction.ExecuteAsync($"DELETE FROM pairing_right WHERE expires_at < {longAgo} AND (used_at IS NULL OR used_at < {longAgo})", cancel);
            await transaction.ExecuteAsync($"DELETE FROM device_grant WHERE expires_at < {now - TimeSpan.FromHours(1)}", cancel);
        },
        cancel: cancel);

    private sealed record Right(OrganisationId Organisation, string OrganisationName, string DeviceName, DateTimeOffset ExpiresAt, byte[]? Thumbprint, DateTimeOffset? UsedAt, byte[]? Device);
}
